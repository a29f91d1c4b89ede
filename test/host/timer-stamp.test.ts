import { utimesSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { sizeOf } from '../../src/host/file-size.ts'
import { findTimerStamp } from '../../src/host/timer-stamp.ts'
import { useScratchDirectory } from '../support/scratch-directory.ts'

const scratch = useScratchDirectory()

test('a timer went off when its stamp says, in whole seconds', () => {
  writeFileSync(scratch('stamp-a.timer'), '')
  utimesSync(scratch('stamp-a.timer'), 5, 1_800_000_000.75)
  expect(findTimerStamp('a.timer', scratch())).toBe(1_800_000_000)
})

test('a timer without a stamp never went off', () => {
  expect(findTimerStamp('a.timer', scratch())).toBeUndefined()
})

test('files have the size of all of them, and one that is not there has none', () => {
  writeFileSync(scratch('a'), '12345')
  writeFileSync(scratch('b'), '12')
  expect(sizeOf(scratch('a'), scratch('b'), scratch('c'))).toBe(7)
})
