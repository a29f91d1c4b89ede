import { expect, test } from 'vitest'
import { createDeadline } from '../../src/host/deadline.ts'
import { errorCodeOf } from '../support/error-code.ts'

/** A clock that shows what it is set to, in milliseconds. */
function createManualClock(start: number) {
  let shown = start
  return {
    read: () => shown,
    set(value: number) {
      shown = value
    },
  }
}

test('a deadline counts down to nothing, never below', () => {
  const clock = createManualClock(5000.7)
  const deadline = createDeadline(1000, clock.read)
  expect(deadline.remaining()).toBe(1000)
  clock.set(5900.9)
  expect(deadline.remaining()).toBe(99)
  clock.set(99_000)
  expect(deadline.remaining()).toBe(0)
})

test('a deadline is open until its last millisecond, and stays closed from then on', () => {
  const clock = createManualClock(0)
  const deadline = createDeadline(1000, clock.read)
  clock.set(999)
  expect(errorCodeOf(() => deadline.assertOpen())).toBeUndefined()
  clock.set(1000)
  expect(errorCodeOf(() => deadline.assertOpen())).toBe('ERR_DEADLINE')
  clock.set(2000)
  expect(errorCodeOf(() => deadline.assertOpen())).toBe('ERR_DEADLINE')
})

test('a deadline runs by itself on the monotonic clock', () => {
  const deadline = createDeadline(60_000)
  expect(deadline.remaining()).toBeGreaterThan(50_000)
  expect(deadline.remaining()).toBeLessThanOrEqual(60_000)
  expect(errorCodeOf(() => createDeadline(0).assertOpen())).toBe('ERR_DEADLINE')
})
