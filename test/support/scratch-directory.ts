import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'
import { DIRECTORY_PREFIX } from './host-scope.ts'

/** A place in the running test's private directory. */
export type ScratchPath = (...names: readonly string[]) => string

/** Gives each test of the file a directory of its own, 0700, gone after the test. */
export function useScratchDirectory(): ScratchPath {
  let directory = ''
  beforeEach(() => {
    directory = realpathSync(mkdtempSync(join(tmpdir(), `${DIRECTORY_PREFIX}${process.pid}-`)))
  })
  afterEach(() => rmSync(directory, { recursive: true, force: true }))
  return (...names) => join(directory, ...names)
}
