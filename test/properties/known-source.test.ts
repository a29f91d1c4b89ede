import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseIpAddress } from '../../src/base/ip-network.ts'
import { DAY_SECONDS, toUnixSeconds, type UnixSeconds } from '../../src/base/time.ts'
import type { Budget, KnownAccount } from '../../src/domain/account.ts'
import { admit } from '../../src/domain/admit.ts'
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

/** For a machine that has other things to do. */
const TIMEOUT_MS = 60_000
/** What SECURITY.md promises of a source that is known. */
const PER_DAY = 5
const LOCK_AFTER = 10

const phone = buildDevice({ digits: 6 })
/** Well formed, and never right: the phone shows six digits. */
const WRONG_CODE = '00000000'
const HOME = buildFacts()
const ELSEWHERE = buildFacts({ address: parseIpAddress('198.51.100.9') })

const anyPolicy: fc.Arbitrary<ThrottlePolicy> = fc.record({
  freeFailures: fc.integer({ min: 1, max: 5 }),
  firstWaitSeconds: fc.integer({ min: 1, max: 60 }),
  longestWaitSeconds: fc.integer({ min: 60, max: 3600 }),
  failuresPerDay: fc.integer({ min: PER_DAY, max: 20 }),
  lockAfter: fc.integer({ min: LOCK_AFTER, max: 100 }),
})
const forward = fc.oneof(
  fc.constant(0),
  fc.integer({ min: 0, max: 300 }),
  fc.integer({ min: 0, max: DAY_SECONDS }),
)
const attempts = (move: fc.Arbitrary<number>, right: number) =>
  fc.array(
    fc.record({
      isHome: fc.boolean(),
      isRight: fc.integer({ min: 1, max: 100 }).map((percent) => percent <= right),
      move,
    }),
    { minLength: 20, maxLength: 80 },
  )

interface Judged {
  readonly state: KnownAccount
  readonly outcome: string
  /** Whose failures went up. */
  readonly charged: Budget | undefined
}

function attempt(
  state: KnownAccount,
  { isHome, isRight }: { readonly isHome: boolean; readonly isRight: boolean },
  now: UnixSeconds,
  throttle: ThrottlePolicy,
): Judged {
  const { result, changes } = admit(state, {
    facts: isHome ? HOME : ELSEWHERE,
    policy: buildPolicy({}, { throttle }),
    now,
    openSecret: openPlain,
    answer: { kind: 'code', code: isRight ? codeOf(phone, now) : WRONG_CODE },
  })
  const outcome = result.outcome === 'denied' ? result.reason : result.outcome
  const set = changes.find((change) => change.kind === 'set-throttle')
  const next = applyChanges(state, ALICE, changes)
  if (next.kind !== 'known') return expect.unreachable('the account is gone')
  return { state: next, outcome, charged: outcome === 'code-wrong' ? set?.budget : undefined }
}

/** At home, where alice logged in a moment ago. */
function startAtHome(policy: ThrottlePolicy): KnownAccount {
  const state = buildKnown({ devices: [phone] })
  return attempt(state, { isHome: true, isRight: true }, NOW, policy).state
}

test(
  'a known source has five wrong codes in any 24 hours beside those of the account, and no more',
  () => {
    let relieved = 0
    fc.assert(
      fc.property(anyPolicy, attempts(forward, 10), (policy, sequence) => {
        const charges: { readonly at: number; readonly budget: Budget }[] = []
        let state = startAtHome(policy)
        let now = NOW
        for (const each of sequence) {
          now = toUnixSeconds(now + each.move)
          const judged = attempt(state, each, now, policy)
          state = judged.state
          if (judged.charged !== undefined) charges.push({ at: now, budget: judged.charged })
          const ofTheDay = charges.filter(({ at }) => at > now - DAY_SECONDS)
          const count = (budget: Budget) =>
            ofTheDay.filter((charge) => charge.budget === budget).length
          expect(count('knownSource')).toBeLessThanOrEqual(PER_DAY)
          expect(count('code')).toBeLessThanOrEqual(policy.failuresPerDay)
          expect(count('oneTimeCode')).toBe(0)
        }
        relieved += charges.filter(({ budget }) => budget === 'knownSource').length
      }),
      { numRuns: 150 },
    )
    expect(relieved).toBeGreaterThan(100)
  },
  TIMEOUT_MS,
)

test(
  'it is locked after ten in a row, whatever time goes by',
  () => {
    let locked = 0
    fc.assert(
      fc.property(anyPolicy, attempts(forward, 0), (policy, sequence) => {
        let state = startAtHome(policy)
        let now = NOW
        let charged = 0
        for (const each of sequence) {
          now = toUnixSeconds(now + each.move)
          const judged = attempt(state, { ...each, isHome: true }, now, policy)
          state = judged.state
          if (judged.charged === 'knownSource') charged++
        }
        expect(charged).toBeLessThanOrEqual(LOCK_AFTER)
        if (charged === LOCK_AFTER) locked++
      }),
      { numRuns: 150 },
    )
    expect(locked).toBeGreaterThan(0)
  },
  TIMEOUT_MS,
)

test(
  'no wrong code from elsewhere is charged to it, nor judged during the wait of the account',
  () => {
    let waits = 0
    fc.assert(
      fc.property(anyPolicy, attempts(forward, 0), (policy, sequence) => {
        let state = startAtHome(policy)
        let now = NOW
        for (const each of sequence) {
          now = toUnixSeconds(now + each.move)
          const wait = rebaseThrottle(state.account.throttle.code, now).wait?.until ?? now
          const judged = attempt(state, each, now, policy)
          const { knownSource } = state.account.throttle
          if (!each.isHome) {
            expect(judged.state.account.throttle.knownSource).toEqual(knownSource)
            expect(judged.outcome === 'code-wrong' && wait > now).toBe(false)
            if (wait > now) waits++
          }
          state = judged.state
        }
      }),
      { numRuns: 100 },
    )
    expect(waits).toBeGreaterThan(100)
  },
  TIMEOUT_MS,
)

test(
  'no wait of any budget is longer than the longest one, or a day, wherever the clock jumps',
  () => {
    const anywhere = fc.oneof(forward, fc.integer({ min: -DAY_SECONDS, max: 0 }))
    fc.assert(
      fc.property(anyPolicy, attempts(anywhere, 20), (policy, sequence) => {
        let state = startAtHome(policy)
        let now = toUnixSeconds(NOW + 100 * DAY_SECONDS)
        for (const each of sequence) {
          now = toUnixSeconds(now + each.move)
          state = attempt(state, each, now, policy).state
          for (const [budget, perDay] of [
            ['code', policy.failuresPerDay],
            ['knownSource', PER_DAY],
          ] as const) {
            const { wait, recentFailures } = rebaseThrottle(state.account.throttle[budget], now)
            const longest =
              recentFailures.length >= perDay ? DAY_SECONDS : policy.longestWaitSeconds
            expect((wait?.until ?? now) - now, budget).toBeLessThanOrEqual(longest)
          }
        }
      }),
      { numRuns: 150 },
    )
  },
  TIMEOUT_MS,
)
