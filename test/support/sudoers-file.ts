import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { HostScope } from './host-scope.ts'
import { requireTool } from './run-tool.ts'

export const SUDOERS_DIRECTORY = '/etc/sudoers.d'

/** `otpgate-test-<process id>-<number>`; sudo does not read one with a dot, which is half written. */
export const SUDOERS_NAME = /^otpgate-test-(\d+)-\d+(?:\.new)?$/

/** Whose rules they are. More than these users must never be meant by a test. */
const USERS = /^(?:otpgt\d+[a-z] ALL = |Cmnd_Alias |Defaults!|\s|#|$)/

/**
 * Lays down rules for sudo, until the cleanup; returns the file. Throws unless they are sound, and for
 * users of a test alone: a killed run must leave nobody on the machine with rights.
 */
export function addSudoersFile(scope: HostScope, rules: string, number: number): string {
  const foreign = rules.split('\n').find((line) => !USERS.test(line))
  if (foreign !== undefined) throw new Error(`not for users of a test alone: ${foreign}`)
  const file = join(SUDOERS_DIRECTORY, `otpgate-test-${process.pid}-${number}`)
  const draft = `${file}.new`
  for (const each of [file, draft]) {
    scope.cleanup.add(`rules ${each}`, () => rmSync(each, { force: true }))
  }
  writeFileSync(draft, rules, { mode: 0o440, flag: 'wx' })
  requireTool('visudo', ['-cf', draft])
  renameSync(draft, file)
  return file
}
