import { renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { beforeEach, expect, test, vi } from 'vitest'
import { cacheEntries } from '../../src/host/cached-entries.ts'
import { GROUP_LINE, type LineKind } from '../../src/host/passwd-line.ts'
import { useScratchDirectory } from '../support/scratch-directory.ts'

const scratch = useScratchDirectory()
const parse = vi.fn(GROUP_LINE.parse)
const COUNTED: LineKind<unknown> = { ...GROUP_LINE, parse }

beforeEach(() => {
  parse.mockClear()
  vi.useRealTimers()
})

/** As if the file had been written long ago: its ctime cannot be set, so the clock is. */
function ageFile(): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 })
}

function write(name: string, text: string): string {
  writeFileSync(scratch(name), text)
  return scratch(name)
}

test('a file that has settled is parsed once', () => {
  const read = cacheEntries(write('group', 'wheel:x:10:\n'), COUNTED)
  ageFile()
  expect(read()).toMatchObject([{ name: 'wheel' }])
  expect(read()).toMatchObject([{ name: 'wheel' }])
  expect(parse).toHaveBeenCalledTimes(1)
})

test('a file that was changed a moment ago is parsed each time', () => {
  const read = cacheEntries(write('group', 'wheel:x:10:\n'), COUNTED)
  read()
  read()
  expect(parse).toHaveBeenCalledTimes(2)
})

test.each([
  ['written over', () => write('group', 'staff:x:20:\n')],
  [
    'written over with the same length and an old time',
    () => utimesSync(write('group', 'whale:x:10:\n'), 1, 1),
  ],
  ['replaced', () => renameSync(write('new', 'staff:x:20:\n'), scratch('group'))],
])('a file that is %s is parsed again', (_how, change) => {
  const read = cacheEntries(write('group', 'wheel:x:10:\n'), COUNTED)
  ageFile()
  expect(read()).toMatchObject([{ name: 'wheel' }])
  change()
  expect(read()).not.toMatchObject([{ name: 'wheel' }])
})

test('a file that is gone has no entries, and one that cannot be read neither', () => {
  const read = cacheEntries(write('group', 'wheel:x:10:\n'), COUNTED)
  ageFile()
  read()
  rmSync(scratch('group'))
  expect(read()).toBeUndefined()
  expect(cacheEntries(scratch(), COUNTED)()).toBeUndefined()
})
