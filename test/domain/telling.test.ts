import { describe, expect, test } from 'vitest'
import {
  drop,
  failAgain,
  findDue,
  forgetBehind,
  MOST_WAITING,
  nextRetryAt,
  passOver,
  putOff,
  settle,
  succeed,
  type Telling,
  waitingOf,
} from '../../src/domain/telling.ts'
import { at } from '../store/sample.ts'

const START: Telling = { through: 4, givenUp: 0 }
const HOUR = 3600
const DAY = 86_400
const FIVE = { kind: 'event', seq: 5, from: 5 } as const

function putOffAt(telling: Telling, seq: number, time: number): Telling {
  return putOff(telling, { kind: 'event', seq, from: seq }, at(time))?.telling ?? telling
}

/** Row 5 fails at each of these times. */
function failAt(first: number, ...times: readonly number[]): Telling {
  return times.reduce(
    (telling, time) => failAgain(telling, FIVE, at(time)).telling,
    putOffAt(START, 5, first),
  )
}

const fill = () =>
  Array.from({ length: MOST_WAITING }, (_, index) => index + 5).reduce(
    (telling, seq) => putOffAt(telling, seq, 0),
    START,
  )

describe('a row that the command does not take', () => {
  test('waits twice as long after each try, an hour at most', () => {
    const times = Array.from({ length: 11 }, (_, index) => (index + 1) * HOUR)
    const waits = [0, ...times].map(
      (time, index) => Number(nextRetryAt(failAt(0, ...times.slice(0, index)))) - Number(at(time)),
    )
    expect(waits).toEqual([15, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600, 3600])
  })

  test('is due when its wait is over, or at once where that is wanted', () => {
    const telling = failAt(0)
    expect(findDue(telling, at(14), false)).toEqual([])
    expect(findDue(telling, at(14), true)).toHaveLength(1)
    expect(findDue(telling, at(15), false)).toMatchObject([{ seq: 5 }])
  })

  test('is due where the clock has gone back by more than any wait', () => {
    expect(findDue(failAt(0), at(-2 * HOUR), false)).toHaveLength(1)
  })

  test('is given up after a day and ten tries, if something else was taken meanwhile', () => {
    const more = Array.from({ length: 8 }, (_, index) => (index + 1) * HOUR)
    const passed = (...times: readonly number[]) =>
      times.reduce(
        (telling, time) => failAgain(telling, FIVE, at(time)).telling,
        succeed(failAt(0), 6),
      )
    expect(waitingOf(passed(...more, DAY - 1))).toHaveLength(1)
    expect(passed(...more, DAY)).toEqual({ through: 6, givenUp: 1 })
    // The command takes nothing: who can say that it is this row?
    expect(waitingOf(failAt(0, ...more, DAY, 9 * DAY))).toMatchObject([{ tries: 11 }])
  })

  test('is given up after a day also where it is in the way of those behind it', () => {
    const tries = Array.from({ length: 8 }, (_, index) => index)
    const before = tries.reduce(
      (telling, time) => failAgain(telling, FIVE, at(time)).telling,
      fill(),
    )
    const after = failAgain(before, FIVE, at(DAY))
    expect(after.lost).toMatchObject({ seq: 5 })
    expect(after.telling.givenUp).toBe(1)
  })

  test('is not given up by a clock that leaps', () => {
    expect(waitingOf(succeed(failAt(0, 365 * DAY), 6))).toMatchObject([{ tries: 2 }])
  })

  test('counts its day from the earliest time that the clock still knows', () => {
    expect(waitingOf(failAt(5 * DAY, 0))).toMatchObject([{ since: at(0) }])
  })

  test('gives way to others where too many wait, the oldest first that was passed', () => {
    const full = fill()
    const next = { kind: 'event', seq: 900, from: 900 } as const
    expect(putOff(full, next, at(1))).toBeUndefined()
    const setback = putOff(succeed(full, 800), next, at(1))
    expect(setback?.lost).toMatchObject({ seq: 5 })
    expect(setback?.telling).toMatchObject({ through: 900, givenUp: 1 })
    expect(waitingOf(setback?.telling ?? START)).toHaveLength(MOST_WAITING)
  })
})

test('a row that is taken leaves what waits, which it has passed, and what was given up', () => {
  const telling = succeed({ ...failAt(0), givenUp: 2 }, 6)
  expect(telling).toMatchObject({ through: 6, givenUp: 2, waiting: [{ seq: 5, isPassed: true }] })
  expect(settle(telling, FIVE)).toEqual({ through: 6, givenUp: 2 })
  expect(drop(telling, FIVE)).toEqual({ through: 6, givenUp: 2 })
})

test('rows that nobody is told of prove nothing about the command', () => {
  expect(waitingOf(passOver(failAt(0), 6))).toMatchObject([{ isPassed: false }])
})

test('what waits behind the end of a log that was cut is no more', () => {
  const telling = putOffAt(failAt(0), 6, 0)
  expect(waitingOf(forgetBehind(telling, 5))).toMatchObject([{ seq: 5 }])
})
