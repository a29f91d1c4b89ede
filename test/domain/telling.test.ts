import { describe, expect, test } from 'vitest'
import { fail, isDue, succeed, type Telling } from '../../src/domain/telling.ts'
import { at } from '../store/sample.ts'

const START: Telling = { through: 4, givenUp: 0 }
const HOUR = 3600
const DAY = 86_400

/** Row 5 fails at each of these times. */
function failAt(...times: readonly number[]): Telling {
  return times.reduce((telling, time) => fail(telling, 5, at(time)), START)
}

describe('a row that the command does not take', () => {
  test('waits twice as long after each try, an hour at most', () => {
    const times = Array.from({ length: 12 }, (_, index) => index * HOUR)
    const waits = times.map(
      (time, index) =>
        Number(failAt(...times.slice(0, index + 1)).failing?.retryAt) - Number(at(time)),
    )
    expect(waits).toEqual([15, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600, 3600])
  })

  test('is due when its wait is over', () => {
    const telling = failAt(0)
    expect(isDue(telling, 5, at(14))).toBe(false)
    expect(isDue(telling, 5, at(15))).toBe(true)
  })

  test('is due where the clock has gone back by more than any wait', () => {
    expect(isDue(failAt(0), 5, at(-2 * HOUR))).toBe(true)
  })

  test('does not keep another row waiting, as after the log was put back', () => {
    expect(isDue(failAt(0), 3, at(0))).toBe(true)
    expect(fail(failAt(0, 1, 2), 3, at(9)).failing).toMatchObject({ seq: 3, tries: 1 })
  })

  test('is given up after a day and ten tries', () => {
    const nine = Array.from({ length: 9 }, (_, index) => index * HOUR)
    expect(failAt(...nine, DAY - 1).failing).toBeDefined()
    expect(failAt(...nine, DAY)).toEqual({ through: 5, givenUp: 1 })
  })

  test('is not given up by a clock that leaps', () => {
    expect(failAt(0, 365 * DAY).failing).toMatchObject({ tries: 2 })
  })

  test('counts its day from the earliest time that the clock still knows', () => {
    const late = Array.from({ length: 9 }, (_, index) => 5 * DAY + index)
    expect(failAt(...late, 0).failing).toMatchObject({ since: at(0) })
  })
})

test('a row that is taken ends what was failing, and not the count of what was given up', () => {
  expect(succeed({ ...failAt(0), givenUp: 2 }, 5)).toEqual({ through: 5, givenUp: 2 })
})
