import { chmodSync, chownSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { HostScope } from './host-scope.ts'
import { endProcessesOfUser } from './process-tree.ts'
import { requireTool, runTool } from './run-tool.ts'

/** useradd(8) and userdel(8). */
const EXIT_NAME_TAKEN = 9
const EXIT_NO_SUCH_USER = 6

/** `otpgt<process id><letter>`: short enough for any tool, and tells whose it is. */
export const USER_NAME = /^otpgt(\d+)[a-z]$/

export interface TempUserOptions {
  /** Without one no password is right. */
  readonly password?: string
}

export interface TempUser {
  readonly name: string
  readonly uid: number
  readonly gid: number
  /** 0700, inside the host's directory. */
  readonly home: string
}

/** A Unix user with a home of its own, until the cleanup. Throws after 26 users of one process. */
export function addTempUser(scope: HostScope, options: TempUserOptions = {}): TempUser {
  const name = takeFreeName(scope)
  scope.cleanup.add(`user ${name}`, () => removeTempUser(name))
  if (options.password !== undefined) requireTool('chpasswd', [], `${name}:${options.password}\n`)
  const uid = Number(requireTool('id', ['-u', name]).stdout)
  const gid = Number(requireTool('id', ['-g', name]).stdout)
  const home = homeOf(scope, name)
  mkdirSync(home, { recursive: true })
  // Whatever the umask: the user has to pass through the directory of all homes.
  chmodSync(dirname(home), 0o711)
  chmodSync(home, 0o700)
  chownSync(home, uid, gid)
  return { name, uid, gid, home }
}

/** Ends what still runs in the user's name, then removes the user; no such user is fine. */
export function removeTempUser(name: string): void {
  const uid = runTool('id', ['-u', name])
  if (uid.status !== 0) return
  endProcessesOfUser(Number(uid.stdout))
  const { status, stderr } = runTool('userdel', [name])
  if (status !== 0 && status !== EXIT_NO_SUCH_USER) throw new Error(`userdel: ${stderr.trim()}`)
}

/** Several hosts may live in one process, so a name is free when useradd says so. */
function takeFreeName(scope: HostScope): string {
  for (const letter of 'abcdefghijklmnopqrstuvwxyz') {
    const name = `otpgt${process.pid}${letter}`
    const { status, stderr } = runTool('useradd', [
      '--no-create-home',
      '--no-log-init',
      '--user-group',
      ...['--home-dir', homeOf(scope, name)],
      ...['--shell', '/bin/sh'],
      name,
    ])
    if (status === 0) return name
    if (status !== EXIT_NAME_TAKEN) throw new Error(`useradd: ${stderr.trim()}`)
  }
  throw new Error('all 26 names for users of this process are taken')
}

function homeOf(scope: HostScope, name: string): string {
  return join(scope.directory, 'home', name)
}
