import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Cleanup, createCleanup } from './cleanup.ts'
import { endProcessesNaming } from './process-tree.ts'

/** Every name that leaves the temporary directory carries the process id: see sweep. */
export const DIRECTORY_PREFIX = 'otpgate-test-'

/** What everything on a throw-away host is made in, and undone with. */
export interface HostScope {
  /** Absolute; 0711, as users have to pass through it to their homes. */
  readonly directory: string
  readonly cleanup: Cleanup
}

/** A private directory, gone with the cleanup. */
export function createHostScope(): HostScope {
  const cleanup = createCleanup()
  const directory = mkdtempSync(join(tmpdir(), `${DIRECTORY_PREFIX}${process.pid}-`))
  cleanup.add(`directory ${directory}`, () => rmSync(directory, { recursive: true, force: true }))
  cleanup.add(`processes of ${directory}`, () => endProcessesNaming(directory))
  chmodSync(directory, 0o711)
  return { directory, cleanup }
}
