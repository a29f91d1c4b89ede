import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DAY_SECONDS, toUnixSeconds, type UnixSeconds } from '../../src/base/time.ts'
import type { KnownAccount } from '../../src/domain/account.ts'
import { admit } from '../../src/domain/admit.ts'
import type { Answer } from '../../src/domain/answer.ts'
import { rebaseThrottle, type ThrottlePolicy } from '../../src/domain/throttle.ts'
import {
  ALICE,
  buildDevice,
  buildKnown,
  codeOf,
  NOW,
  openPlain,
} from '../support/account-fixture.ts'
import { buildFacts, buildPolicy } from '../support/login-fixture.ts'
import { applyChanges } from '../support/memory-change.ts'

const phone = buildDevice({ id: 'phone' })
/** Well formed, and never right: the phone shows six digits. */
const WRONG_CODE = '00000000'

/** Shows no address, so it is no known source and has the account's own budget only. */
const NOWHERE = buildFacts({ address: undefined })

/** For a machine that has other things to do. */
const TIMEOUT_MS = 60_000

const anyPolicy: fc.Arbitrary<ThrottlePolicy> = fc.record({
  freeFailures: fc.integer({ min: 1, max: 5 }),
  firstWaitSeconds: fc.integer({ min: 1, max: 60 }),
  longestWaitSeconds: fc.integer({ min: 60, max: 3600 }),
  failuresPerDay: fc.integer({ min: 1, max: 12 }),
  lockAfter: fc.integer({ min: 5, max: 100 }),
})

const attempt = (move: fc.Arbitrary<number>) => fc.record({ isRight: fc.boolean(), move })
const forward = fc.oneof(
  fc.constant(0),
  fc.integer({ min: 0, max: 120 }),
  fc.integer({ min: 0, max: 4000 }),
  fc.integer({ min: 0, max: DAY_SECONDS }),
)
const anywhere = fc.oneof(forward, fc.integer({ min: -DAY_SECONDS, max: 0 }))

function attemptAt(
  state: KnownAccount,
  now: UnixSeconds,
  isRight: boolean,
  policy: ThrottlePolicy,
) {
  const code = isRight ? codeOf(phone, now) : WRONG_CODE
  const answer: Answer = { kind: 'code', code }
  const input = { facts: NOWHERE, answer, now, openSecret: openPlain }
  const outcome = admit(state, { ...input, policy: buildPolicy({}, { throttle: policy }) })
  const next = applyChanges(state, ALICE, outcome.changes)
  if (next.kind !== 'known') throw new Error('the account is gone')
  return { outcome, next }
}

/** Seconds that a person would have to wait, as the clock of now sees it. */
function waitOf({ account }: KnownAccount, now: UnixSeconds): number {
  const { wait } = rebaseThrottle(account.throttle.code, now)
  return Math.max(0, (wait?.until ?? now) - now)
}

test(
  'no more wrong codes are judged in any 24 hours than the day allows, whatever lies between',
  () => {
    let judgedInAll = 0
    const attempts = fc.array(attempt(forward), { minLength: 10, maxLength: 60 })
    fc.assert(
      fc.property(anyPolicy, attempts, (policy, sequence) => {
        const judged: number[] = []
        let state = buildKnown({ devices: [phone] })
        let now = NOW
        for (const { isRight, move } of sequence) {
          now = toUnixSeconds(now + move)
          const { outcome, next } = attemptAt(state, now, isRight, policy)
          state = next
          const { result } = outcome
          if (result.outcome !== 'denied' || result.reason !== 'code-wrong') continue
          judged.push(now)
          const ofTheDay = judged.filter((at) => at > now - DAY_SECONDS)
          expect(ofTheDay.length).toBeLessThanOrEqual(policy.failuresPerDay)
        }
        judgedInAll += judged.length
      }),
      { numRuns: 150 },
    )
    expect(judgedInAll).toBeGreaterThan(100)
  },
  TIMEOUT_MS,
)

test(
  'no attempt shortens a wait or passes through it, wherever the clock jumps',
  () => {
    let waits = 0
    const attempts = fc.array(attempt(anywhere), { minLength: 10, maxLength: 40 })
    fc.assert(
      fc.property(anyPolicy, attempts, (policy, sequence) => {
        let state = buildKnown({ devices: [phone] })
        let now = toUnixSeconds(NOW + 100 * DAY_SECONDS)
        for (const { isRight, move } of sequence) {
          now = toUnixSeconds(now + move)
          const before = waitOf(state, now)
          const { outcome, next } = attemptAt(state, now, isRight, policy)
          const after = waitOf(next, now)
          state = next
          if (before === 0) continue
          waits++
          expect(outcome.result).toMatchObject({ outcome: 'denied' })
          expect(outcome.result).not.toMatchObject({ reason: 'code-wrong' })
          expect(after).toBe(before)
        }
      }),
      { numRuns: 150 },
    )
    expect(waits).toBeGreaterThan(100)
  },
  TIMEOUT_MS,
)

test(
  'no wait is ever longer than the longest one, or a day, wherever the clock jumps',
  () => {
    const attempts = fc.array(attempt(anywhere), { minLength: 10, maxLength: 40 })
    fc.assert(
      fc.property(anyPolicy, attempts, (policy, sequence) => {
        let state = buildKnown({ devices: [phone] })
        let now = toUnixSeconds(NOW + 100 * DAY_SECONDS)
        for (const { isRight, move } of sequence) {
          now = toUnixSeconds(now + move)
          state = attemptAt(state, now, isRight, policy).next
          const isDayUsedUp =
            state.account.throttle.code.recentFailures.length >= policy.failuresPerDay
          const longest = isDayUsedUp ? DAY_SECONDS : policy.longestWaitSeconds
          expect(waitOf(state, now)).toBeLessThanOrEqual(longest)
        }
      }),
      { numRuns: 150 },
    )
  },
  TIMEOUT_MS,
)
