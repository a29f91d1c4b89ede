import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DIRECTORY_PREFIX } from './host-scope.ts'
import { PAM_DIRECTORY, SERVICE_NAME } from './pam-service.ts'
import { SUDOERS_DIRECTORY, SUDOERS_NAME } from './sudoers-file.ts'
import { USER_NAME } from './temp-user.ts'

/** What a run must leave as it was: sshd, PAM, people, and an otpgate that the machine may have. */
const WATCHED = [
  '/usr/sbin/sshd',
  '/etc/ssh',
  PAM_DIRECTORY,
  SUDOERS_DIRECTORY,
  '/etc/passwd',
  '/etc/shadow',
  '/etc/group',
  '/etc/gshadow',
  '/etc/otpgate',
  '/var/lib/otpgate',
  '/dev/log',
] as const

/** A line a file, directory or process. */
export type MachineState = readonly string[]

/**
 * Checksum, mode and owner of every file that tests must not touch, and what is there under this
 * process's own temporary names. What other test processes have made meanwhile is left out.
 */
export function readMachineState(): MachineState {
  return [...WATCHED.flatMap(describePath), ...ownDirectories(), ...ownProcesses()]
}

function describePath(path: string): string[] {
  // Of set-up on trial, in another test: how it clears up is looked at there.
  if (path.startsWith(join(PAM_DIRECTORY, 'otpgate-trial-'))) return []
  if (isOfAnotherProcess(SERVICE_NAME, path.slice(PAM_DIRECTORY.length + 1))) return []
  if (isOfAnotherProcess(SUDOERS_NAME, path.slice(SUDOERS_DIRECTORY.length + 1))) return []
  const stats = lstatSync(path, { throwIfNoEntry: false })
  if (stats === undefined) return [`${path} is not there`]
  const about = `${path} ${stats.mode.toString(8)} ${stats.uid}:${stats.gid}`
  if (stats.isSymbolicLink()) return [`${about} -> ${readlinkSync(path)}`]
  if (stats.isFile()) return [`${about} ${checksum(path)}`]
  const inside = stats.isDirectory() ? readdirSync(path).toSorted() : []
  return [about, ...inside.flatMap((name) => describePath(join(path, name)))]
}

/** Of the lines that are not another test process's users: they stand in passwd(5) and its like. */
function checksum(path: string): string {
  const lines = readFileSync(path, 'latin1').split('\n')
  const ours = lines.filter((line) => !isOfAnotherProcess(USER_NAME, line.split(':')[0] ?? ''))
  return createHash('sha256').update(ours.join('\n')).digest('hex')
}

function isOfAnotherProcess(pattern: RegExp, name: string): boolean {
  const owner = pattern.exec(name)?.[1]
  return owner !== undefined && Number(owner) !== process.pid
}

function ownDirectories(): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith(ownPrefix()))
}

/** Verifiers included: pam_exec leaves them running when a client hangs up. */
function ownProcesses(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(readCommandLine)
    .filter((line) => line.includes(ownPrefix()))
}

function readCommandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ')
  } catch {
    return ''
  }
}

function ownPrefix(): string {
  return `${DIRECTORY_PREFIX}${process.pid}-`
}
