import { runGetent } from './getent.ts'
import { isLoginShell } from './login-person.ts'
import { PASSWD_LINE } from './passwd-line.ts'

const LOOK_UP_MILLISECONDS = 3000
const HOME_FIELD = 5
const SHELL_FIELD = 6

/** What sshd makes a login of, of one person (passwd(5)). */
export interface LoginEntry {
  readonly uid: number
  readonly home: string
  readonly hasShell: boolean
}

/** The entry of one name, also of people in a directory; `undefined`: there is none. ERR_PASSWD_FAILED. */
export function findLoginEntry(getent: string, name: string): LoginEntry | undefined {
  const request = {
    program: getent,
    timeLimitMilliseconds: LOOK_UP_MILLISECONDS,
    database: 'passwd',
    key: name,
  } as const
  const [line] = runGetent(request) ?? []
  const entry = line === undefined ? undefined : PASSWD_LINE.parse(line)
  if (line === undefined || entry === undefined) return undefined
  const fields = line.split(':')
  const { [HOME_FIELD]: home = '', [SHELL_FIELD]: shell = '' } = fields
  return { uid: entry.uid, home, hasShell: isLoginShell(shell) }
}
