import { describe, expect, test } from 'vitest'
import { judgeReplay } from '../../src/domain/replay.ts'

const REPLAYED = { kind: 'replayed' }

describe('a matched step', () => {
  test('is fresh where nothing was accepted before', () => {
    expect(judgeReplay([100], undefined, 101)).toEqual({ kind: 'fresh', step: 100 })
    expect(judgeReplay([0], undefined, 1)).toEqual({ kind: 'fresh', step: 0 })
  })

  test('is fresh only when it is newer than the newest accepted one', () => {
    expect(judgeReplay([101], 100, 101)).toEqual({ kind: 'fresh', step: 101 })
    expect(judgeReplay([100], 100, 101)).toEqual(REPLAYED)
    expect(judgeReplay([99], 100, 101)).toEqual(REPLAYED)
    expect(judgeReplay([0], 0, 1)).toEqual(REPLAYED)
  })

  test('among several is the oldest that is still fresh, so that the others stay usable', () => {
    expect(judgeReplay([99, 101], undefined, 101)).toEqual({ kind: 'fresh', step: 99 })
    expect(judgeReplay([99, 101], 100, 101)).toEqual({ kind: 'fresh', step: 101 })
    expect(judgeReplay([98, 99], 100, 101)).toEqual(REPLAYED)
  })

  test('tells of a clock that went back where the mark lies beyond the whole window', () => {
    expect(judgeReplay([100], 101, 101)).toEqual(REPLAYED)
    expect(judgeReplay([100], 102, 101)).toEqual({ kind: 'clock-behind' })
  })
})
