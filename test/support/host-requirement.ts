import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
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
  'pamtester',
  'oathtool',
  'plink',
  'puttygen',
  'dbclient',
  'dropbearconvert',
  'unshare',
  'expect',
] as const

/** What lacks here for `programs` to run as root, in words; empty when nothing does. */
export function findMissingRequirements(programs: readonly string[]): string[] {
  const missing = programs.filter((program) => !isInstalled(program))
  return [...(process.getuid?.() === 0 ? [] : ['root']), ...missing]
}

/**
 * Whether tests with a real sshd and PAM can run. Says on stderr what lacks when they cannot, as a
 * test that is silently left out looks like one that passed; with CI=true it throws instead.
 */
export function canRunEndToEnd(): boolean {
  const missing = findMissingRequirements([...HOST_PROGRAMS, ...TEST_PROGRAMS])
  if (missing.length === 0) return true
  const what = `end-to-end tests need: ${missing.join(', ')}`
  if (process.env.CI === 'true') throw new Error(what)
  process.stderr.write(`\nSKIPPED: ${what}\nrun test/support/prepare test as root\n\n`)
  return false
}

function isInstalled(program: string): boolean {
  return (BARE_ENVIRONMENT.PATH ?? '').split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
