import fc from 'fast-check'
import { expect, test } from 'vitest'
import { HOUR_SECONDS, toUnixSeconds } from '../../src/base/time.ts'
import type { KnownAccount } from '../../src/domain/account.ts'
import { judgeAccountPhase } from '../../src/domain/account-phase.ts'
import { admit } from '../../src/domain/admit.ts'
import { judgeExcuse } from '../../src/domain/excuse.ts'
import type { Override } from '../../src/domain/override.ts'
import {
  ALICE,
  buildAccount,
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
const phone = buildDevice({ digits: 8 })
const facts = buildFacts()

const DATE = toUnixSeconds(NOW + 5 * HOUR_SECONDS)
const MADE = toUnixSeconds(NOW - HOUR_SECONDS)
/** What a clock may be stepped back by. */
const STEP_SECONDS = 10
const TERM = { since: MADE, until: DATE }
const holdsAt = (now: number) => now >= MADE - STEP_SECONDS && now < DATE
const dated: fc.Arbitrary<Override> = fc.constantFrom(
  { kind: 'waived', reason: undefined, ...TERM },
  { kind: 'invited', reason: 'new', ...TERM, needsCode: true },
  { kind: 'invited', reason: undefined, ...TERM, needsCode: false },
)
const MOMENTS = ['date', 'late', 'begin', 'epoch'] as const
const LATE = toUnixSeconds(DATE + HOUR_SECONDS)
const momentOf = { date: DATE, late: LATE, begin: MADE - STEP_SECONDS, epoch: 1 } as const
const asks = fc.array(
  fc.record({
    by: fc.constantFrom('excuse', 'account', 'right code', 'wrong code'),
    // Often the second before the date, or the date itself; or past it, at the begin, or the epoch.
    move: fc.oneof(
      fc.integer({ min: -HOUR_SECONDS, max: 3 * HOUR_SECONDS }),
      fc.constantFrom(...MOMENTS),
    ),
    beside: fc.integer({ min: -1, max: 1 }),
  }),
  { minLength: 1, maxLength: 20 },
)

test(
  'nobody is excused by an override from its date on or before it was made, and no login prolongs it',
  () => {
    const outcomes = { early: 0, within: 0, after: 0 }
    fc.assert(
      fc.property(dated, asks, fc.boolean(), (override, sequence, isEnrolled) => {
        let state: KnownAccount = buildKnown({
          account: buildAccount({ override }),
          devices: isEnrolled ? [phone] : [],
        })
        let now = NOW
        for (const { by, move, beside } of sequence) {
          const moved = typeof move === 'number' ? now + move : momentOf[move] + beside
          now = toUnixSeconds(Math.max(0, moved))
          const input = { facts, policy: buildPolicy({ unenrolled: 'allow' }), now }
          const code = by === 'right code' ? codeOf(phone, now) : '0000000'
          const answer = { kind: 'code', code } as const
          const { result, changes } =
            by === 'excuse'
              ? judgeExcuse(state, input)
              : by === 'account'
                ? judgeAccountPhase({ ...state, tickets: [] }, input)
                : admit(state, { ...input, answer, openSecret: openPlain })
          const asked = by === 'excuse' || by === 'account'
          expect(result.outcome === 'excused').toBe(asked && holdsAt(now))
          if (result.outcome === 'excused') {
            expect(result).toMatchObject({ rule: override.kind, until: DATE })
          }
          const when = holdsAt(now) ? 'within' : now < DATE ? 'early' : 'after'
          outcomes[when] += asked ? 1 : 0
          const next = applyChanges(state, ALICE, changes)
          if (next.kind !== 'known') return expect.unreachable('the account is gone')
          expect(next.account.override).toEqual(override)
          state = next
        }
      }),
      { numRuns: 250 },
    )
    expect(outcomes.early).toBeGreaterThan(100)
    expect(outcomes.within).toBeGreaterThan(100)
    expect(outcomes.after).toBeGreaterThan(100)
  },
  TIMEOUT_MS,
)
