import { describe, expect, test } from 'vitest'
import { addSeconds, DAY_SECONDS, HOUR_SECONDS, toUnixSeconds } from '../../src/base/time.ts'
import {
  chargeThrottle,
  FRESH_THROTTLE,
  judgeThrottle,
  rebaseThrottle,
  succeedThrottle,
  type ThrottlePolicy,
  type ThrottleState,
} from '../../src/domain/throttle.ts'
import { NOW } from '../support/account-fixture.ts'
import { THROTTLE } from '../support/login-fixture.ts'

const NO_DAY_LIMIT: ThrottlePolicy = { ...THROTTLE, failuresPerDay: 1000 }
const FREE = { kind: 'free' }

/** The state after failures, each as soon as the wait before it is over; and when the last one was. */
function failInTurn(count: number, policy: ThrottlePolicy, from: ThrottleState = FRESH_THROTTLE) {
  let state = from
  let at = NOW
  for (let failure = 0; failure < count; failure++) {
    at = toUnixSeconds(Math.max(at, state.wait?.until ?? at))
    state = chargeThrottle(state, policy, at)
  }
  return { state, at }
}

/** Lengths of the waits after each of `count` failures. */
function waitsOf(count: number, policy: ThrottlePolicy): readonly number[] {
  return Array.from({ length: count }, (_, index) => {
    const { state } = failInTurn(index + 1, policy)
    return state.wait === undefined ? 0 : state.wait.until - state.wait.from
  })
}

describe('failures in a row', () => {
  test('cost no wait before the free ones are used up, then a wait that doubles up to the longest', () => {
    expect(waitsOf(14, NO_DAY_LIMIT)).toEqual([
      0, 0, 0, 0, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600,
    ])
  })

  test('follow the numbers of the configuration', () => {
    const policy = { ...NO_DAY_LIMIT, freeFailures: 1, firstWaitSeconds: 7, longestWaitSeconds: 20 }
    expect(waitsOf(4, policy)).toEqual([7, 14, 20, 20])
  })

  test('wait until the very second that was named, and no longer', () => {
    const { state, at } = failInTurn(5, THROTTLE)
    const until = addSeconds(at, 30)
    expect(judgeThrottle(state, THROTTLE, at)).toEqual({ kind: 'waiting', until })
    expect(judgeThrottle(state, THROTTLE, addSeconds(at, 29))).toEqual({ kind: 'waiting', until })
    expect(judgeThrottle(state, THROTTLE, until)).toEqual(FREE)
  })

  test('lock at the limit, for good and whatever the time', () => {
    const almost = failInTurn(99, NO_DAY_LIMIT).state
    const later = addSeconds(NOW, 365 * DAY_SECONDS)
    expect(judgeThrottle(almost, NO_DAY_LIMIT, later)).toEqual(FREE)
    const locked = failInTurn(100, NO_DAY_LIMIT).state
    expect(judgeThrottle(locked, NO_DAY_LIMIT, later)).toEqual({ kind: 'locked' })
    expect(judgeThrottle(locked, NO_DAY_LIMIT, NOW)).toEqual({ kind: 'locked' })
  })

  test('never overflow, however many there are', () => {
    const state = { ...FRESH_THROTTLE, consecutiveFailures: 5000 }
    const { wait } = chargeThrottle(state, { ...NO_DAY_LIMIT, lockAfter: 10_000 }, NOW)
    expect(wait).toEqual({ from: NOW, until: addSeconds(NOW, 3600) })
  })

  test('start again after a right code', () => {
    const { state, at } = failInTurn(7, NO_DAY_LIMIT)
    const relieved = succeedThrottle(state, NO_DAY_LIMIT, at)
    expect(relieved).toMatchObject({ consecutiveFailures: 0, wait: undefined })
    expect(chargeThrottle(relieved, NO_DAY_LIMIT, at).wait).toBeUndefined()
  })
})

describe('failures of a day', () => {
  /** Ten failures now, and ten an hour later, each followed by a right code. */
  function twentyFailures(): ThrottleState {
    let state = FRESH_THROTTLE
    for (let failure = 0; failure < 20; failure++) {
      const at = addSeconds(NOW, failure < 10 ? 0 : HOUR_SECONDS)
      state = chargeThrottle(state, THROTTLE, at)
      if (failure < 19) state = succeedThrottle(state, THROTTLE, at)
    }
    return state
  }

  test('wait until the oldest is a day old, however many right codes came in between', () => {
    const until = addSeconds(NOW, DAY_SECONDS)
    const state = twentyFailures()
    expect(judgeThrottle(state, THROTTLE, addSeconds(until, -1))).toEqual({
      kind: 'waiting',
      until,
    })
    expect(judgeThrottle(state, THROTTLE, until)).toEqual(FREE)
  })

  test('are not forgotten by a right code: their wait stays as it was', () => {
    const at = addSeconds(NOW, 2 * HOUR_SECONDS)
    const relieved = succeedThrottle(twentyFailures(), THROTTLE, at)
    expect(relieved.wait).toEqual({ from: at, until: addSeconds(NOW, DAY_SECONDS) })
    expect(relieved.recentFailures).toHaveLength(20)
  })

  test('leave room for as many as have grown old, not for twenty at once', () => {
    const at = addSeconds(NOW, DAY_SECONDS)
    let state = twentyFailures()
    for (let failure = 0; failure < 10; failure++) {
      expect(judgeThrottle(state, THROTTLE, at), `${failure}`).toEqual(FREE)
      state = succeedThrottle(state, THROTTLE, at)
      state = chargeThrottle(state, THROTTLE, at)
    }
    const until = addSeconds(NOW, HOUR_SECONDS + DAY_SECONDS)
    expect(judgeThrottle(state, THROTTLE, at)).toEqual({ kind: 'waiting', until })
  })

  test('are kept no longer than they matter, also after the limit was lowered', () => {
    const { state } = failInTurn(30, { ...THROTTLE, failuresPerDay: 1000, longestWaitSeconds: 30 })
    expect(state.recentFailures).toHaveLength(30)
    const at = addSeconds(NOW, HOUR_SECONDS)
    expect(chargeThrottle(state, THROTTLE, at).recentFailures).toHaveLength(20)
    const nextDay = addSeconds(NOW, 2 * DAY_SECONDS)
    expect(chargeThrottle(state, THROTTLE, nextDay).recentFailures).toEqual([nextDay])
  })

  test('end in the longer of both waits', () => {
    const policy = { ...THROTTLE, failuresPerDay: 5 }
    const { state, at } = failInTurn(5, policy)
    expect(state.wait).toEqual({ from: at, until: addSeconds(NOW, DAY_SECONDS) })
  })
})

describe('a charge', () => {
  test('is taken back by the right code it was made for', () => {
    const charged = chargeThrottle(FRESH_THROTTLE, THROTTLE, NOW)
    const relieved = succeedThrottle(charged, THROTTLE, addSeconds(NOW, 1), NOW)
    expect(relieved).toEqual(FRESH_THROTTLE)
  })

  test('is taken back once, where another was made in the same second', () => {
    const twice = chargeThrottle(chargeThrottle(FRESH_THROTTLE, THROTTLE, NOW), THROTTLE, NOW)
    expect(succeedThrottle(twice, THROTTLE, NOW, NOW).recentFailures).toEqual([NOW])
  })

  test('of a parallel attempt stays when another one is taken back', () => {
    const second = addSeconds(NOW, 1)
    const third = addSeconds(NOW, 2)
    const policy = { ...THROTTLE, failuresPerDay: 3 }
    const charged = [NOW, second, third].reduce(
      (state, at) => chargeThrottle(state, policy, at),
      FRESH_THROTTLE,
    )
    expect(charged.wait).toEqual({ from: third, until: addSeconds(NOW, DAY_SECONDS) })
    const relieved = succeedThrottle(charged, policy, third, second)
    expect(relieved).toEqual({
      consecutiveFailures: 0,
      recentFailures: [NOW, third],
      wait: undefined,
    })
  })

  test.each([1, 60, 3600])('is found where the clock was set back by %i s meanwhile', (seconds) => {
    const back = addSeconds(NOW, -seconds)
    const policy = { ...THROTTLE, freeFailures: 1 }
    const rebased = rebaseThrottle(chargeThrottle(FRESH_THROTTLE, policy, NOW), back)
    expect(rebased.recentFailures).toEqual([back])
    expect(succeedThrottle(rebased, policy, back, NOW)).toEqual(FRESH_THROTTLE)
    // Another login came in between, and was charged by the clock that was set back.
    const after = chargeThrottle(rebased, policy, addSeconds(NOW, 1))
    expect(succeedThrottle(after, policy, addSeconds(NOW, 2), NOW).recentFailures).toEqual([
      addSeconds(NOW, 1),
    ])
  })

  test('that is not there takes nothing back', () => {
    const charged = chargeThrottle(FRESH_THROTTLE, THROTTLE, NOW)
    const relieved = succeedThrottle(charged, THROTTLE, NOW, addSeconds(NOW, -9))
    expect(relieved.recentFailures).toEqual([NOW])
  })
})

describe('a clock', () => {
  const { state, at } = failInTurn(8, NO_DAY_LIMIT)

  test.each([
    { what: 'by an hour', to: addSeconds(at, -HOUR_SECONDS) },
    { what: 'by a second', to: addSeconds(at, -1) },
    { what: 'by a minute', to: addSeconds(at, -60) },
    { what: 'all the way to 1970', to: toUnixSeconds(0) },
    { what: 'to a minute after 1970', to: toUnixSeconds(60) },
  ])('set back $what starts the wait over, no shorter and no longer', ({ to }) => {
    const rebased = rebaseThrottle(state, to)
    expect(rebased.wait).toEqual({ from: to, until: addSeconds(to, 240) })
    expect(rebased.consecutiveFailures).toBe(8)
    expect(Math.max(...rebased.recentFailures)).toBeLessThanOrEqual(to)
    expect(rebased.recentFailures).toHaveLength(8)
    expect(rebaseThrottle(rebased, to)).toBe(rebased)
  })

  test('set back within the wait leaves its end where it was', () => {
    const later = addSeconds(at, 100)
    expect(rebaseThrottle(state, later)).toBe(state)
    expect(rebaseThrottle(state, at)).toBe(state)
  })

  test('set forward lets the wait end, but neither the failures in a row nor a lock', () => {
    const ahead = addSeconds(at, 10 * DAY_SECONDS)
    expect(rebaseThrottle(state, ahead)).toBe(state)
    expect(judgeThrottle(state, NO_DAY_LIMIT, ahead)).toEqual(FREE)
    const next = chargeThrottle(state, NO_DAY_LIMIT, ahead)
    expect(next.wait).toEqual({ from: ahead, until: addSeconds(ahead, 480) })
  })

  test.each([
    { what: 'in the past', from: 1, until: 99_999_999_999, ends: 1 + DAY_SECONDS },
    { what: 'now', from: NOW, until: 99_999_999_999, ends: NOW + DAY_SECONDS },
    { what: 'in the future', from: NOW + 9, until: 99_999_999_999, ends: NOW + DAY_SECONDS },
    { what: 'nowhere', from: NOW + 9, until: NOW, ends: NOW - 9 },
  ])('makes no wait longer than a day, whatever is stored, from $what', ({ from, until, ends }) => {
    const wait = { from: toUnixSeconds(from), until: toUnixSeconds(until) }
    const stored = { consecutiveFailures: 1, recentFailures: [], wait }
    const rebased = rebaseThrottle(stored, NOW)
    expect(rebased.wait?.until).toBe(ends)
    expect(rebaseThrottle(rebased, NOW)).toBe(rebased)
    expect(judgeThrottle(rebased, THROTTLE, toUnixSeconds(Math.max(NOW, ends)))).toEqual(FREE)
  })

  test('set back moves failures of the future to now, so that they count for a day from now', () => {
    const policy = { ...THROTTLE, failuresPerDay: 3 }
    const two = failInTurn(2, policy).state
    const back = addSeconds(NOW, -10 * DAY_SECONDS)
    const rebased = rebaseThrottle(two, back)
    expect(rebased.recentFailures).toEqual([back, back])
    expect(chargeThrottle(rebased, policy, back).wait).toEqual({
      from: back,
      until: addSeconds(back, DAY_SECONDS),
    })
  })
})
