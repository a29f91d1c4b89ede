import { runGetent } from './getent.ts'
import { PASSWD_LINE } from './passwd-line.ts'

const ENUMERATION_MILLISECONDS = 30_000
const SHELL_FIELD = 6
/** Programs in the place of a shell that let nobody in. */
const NO_SHELL = /\/(?:nologin|false|true|sync|halt|shutdown|poweroff)$/

/** One entry of the passwd database. */
export interface Person {
  readonly name: string
  readonly uid: number
  /** Whether a login would get them a shell. */
  readonly hasShell: boolean
}

/**
 * Everybody whom the sources of the passwd database enumerate (a directory may not). Throws
 * ERR_PASSWD_FAILED.
 */
export function listPeople(getent: string): readonly Person[] {
  const request = {
    program: getent,
    timeLimitMilliseconds: ENUMERATION_MILLISECONDS,
    database: 'passwd',
  } as const
  return (runGetent(request) ?? []).flatMap((line) => {
    const entry = PASSWD_LINE.parse(line)
    if (entry === undefined) return []
    const shell = line.split(':')[SHELL_FIELD] ?? ''
    return [{ name: entry.name, uid: entry.uid, hasShell: isLoginShell(shell) }]
  })
}

/** Whether it lets people work. An empty field is /bin/sh (passwd(5)). */
export function isLoginShell(shell: string): boolean {
  return !NO_SHELL.test(shell)
}
