import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { SOFTWARE_SECURITY_KEY } from './client-key.ts'
import { BARE_ENVIRONMENT } from './run-program.ts'

/** Programs a throw-away host is made of. */
export const HOST_PROGRAMS = [
  'sshd',
  'ssh',
  'ssh-keygen',
  'useradd',
  'userdel',
  'chpasswd',
] as const

/** What the end-to-end tests call besides. */
const TEST_PROGRAMS = [
  'scp',
  'sftp',
  'rsync',
  'git',
  'sudo',
  'su',
  'setpriv',
  'pamtester',
  'oathtool',
  'plink',
  'puttygen',
  'dbclient',
  'dropbearconvert',
  'unshare',
  'expect',
  // Not a program: an absolute path is a file that has to be there.
  SOFTWARE_SECURITY_KEY,
] as const

/** What lacks here for `programs` to run as root, in words; empty when nothing does. */
export function findMissingRequirements(programs: readonly string[]): string[] {
  const missing = programs.filter((program) => !isInstalled(program))
  return [...(process.getuid?.() === 0 ? [] : ['root']), ...missing]
}

/** Whether tests with a real sshd and PAM can run; as `canRunWith`. */
export function canRunEndToEnd(): boolean {
  return canRunWith('end-to-end tests', [...HOST_PROGRAMS, ...TEST_PROGRAMS])
}

/**
 * Whether `what` can run, which needs root and these programs. Says on stderr what lacks when it
 * cannot, as a test that is silently left out looks like one that passed; with CI=true it throws.
 */
export function canRunWith(what: string, programs: readonly string[]): boolean {
  const missing = findMissingRequirements(programs)
  if (missing.length === 0) return true
  const complaint = `${what} need: ${missing.join(', ')}`
  if (process.env.CI === 'true') throw new Error(complaint)
  process.stderr.write(`\nSKIPPED: ${complaint}\nrun test/support/prepare test as root\n\n`)
  return false
}

function isInstalled(program: string): boolean {
  if (program.startsWith('/')) return existsSync(program)
  return (BARE_ENVIRONMENT.PATH ?? '').split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
