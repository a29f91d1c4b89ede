import { findMissingRequirements } from './host-requirement.ts'

const PROGRAMS = ['useradd', 'userdel', 'chpasswd', 'ssh-keygen', 'oathtool', 'script', 'zbarimg']

/**
 * Whether tests of the command line with real users and a real terminal can run. Says on stderr what
 * lacks when they cannot, as a test that is silently left out looks like one that passed; with
 * CI=true it throws instead.
 */
export function canRunCommandLine(): boolean {
  const missing = findMissingRequirements(PROGRAMS)
  if (missing.length === 0) return true
  const what = `tests of the command line need: ${missing.join(', ')}`
  if (process.env.CI === 'true') throw new Error(what)
  process.stderr.write(`\nSKIPPED: ${what}\nrun test/support/prepare test as root\n\n`)
  return false
}
