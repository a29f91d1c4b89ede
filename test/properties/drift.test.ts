import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addSeconds, type UnixSeconds } from '../../src/base/time.ts'
import { admit } from '../../src/domain/admit.ts'
import type { TotpDevice } from '../../src/domain/device.ts'
import { CODES_PER_ATTEMPT, judgeCode, narrowWindow } from '../../src/domain/device-match.ts'
import { driftChanges, driftSteps, MOST_DRIFT_STEPS } from '../../src/domain/drift.ts'
import { buildDevice, buildKnown, codeOf, NOW, openPlain } from '../support/account-fixture.ts'
import { buildFacts, buildPolicy } from '../support/login-fixture.ts'

const TIMEOUT_MS = 60_000
const PERIODS = [15, 30, 47, 60, 120] as const

/** The phone after a login at each offset of its clock, in seconds; some are refused. */
function use(phone: TotpDevice, offsets: readonly number[], window: number): TotpDevice {
  let driftSeconds = phone.driftSeconds
  for (const [index, offset] of offsets.entries()) {
    const device = buildDevice({ ...phone, driftSeconds })
    const now = addSeconds(NOW, 1000 * (index + 1))
    const verdict = judge(device, codeOf(device, addSeconds(now, offset)), window, now)
    if (verdict.kind !== 'right') continue
    const [change] = driftChanges(device, verdict.step, window, now)
    if (change?.kind === 'set-drift') driftSeconds = change.driftSeconds
  }
  return buildDevice({ ...phone, driftSeconds })
}

function judge(device: TotpDevice, code: string, window: number, now: UnixSeconds) {
  return judgeCode([device], code, { now, window, openSecret: openPlain })
}

const cases = fc.record({
  periodSeconds: fc.constantFrom(...PERIODS),
  window: fc.integer({ min: 0, max: 4 }),
  offsets: fc.array(fc.integer({ min: -400, max: 400 }), { maxLength: 25 }),
})

describe('learnt drift, whatever clocks a phone has shown', () => {
  test(
    'never makes more codes right than the window is wide',
    () => {
      const property = fc.property(cases, ({ periodSeconds, window, offsets }) => {
        const phone = use(buildDevice({ periodSeconds }), offsets, window)
        const near = Array.from({ length: 17 }, (_, index) => index - 8)
        const right = near.filter(
          (by) => judge(phone, codeOf(phone, NOW, by), window, NOW).kind === 'right',
        )
        const width = 2 * narrowWindow([phone], window) + 1
        // Two steps within sight may show the same six digits: once in 7,000 runs.
        expect(right.length).toBeGreaterThanOrEqual(width)
        expect(new Set(right.map((by) => codeOf(phone, NOW, by))).size).toBeLessThanOrEqual(width)
        expect(width).toBeLessThanOrEqual(CODES_PER_ATTEMPT)
      })
      fc.assert(property, { numRuns: 150 })
    },
    TIMEOUT_MS,
  )

  test(
    'stays within its bound, and never turns away a phone whose clock is put right',
    () => {
      let learnt = 0
      const property = fc.property(cases, ({ periodSeconds, window, offsets }) => {
        const phone = use(buildDevice({ periodSeconds }), offsets, window)
        const most = Math.min(window, MOST_DRIFT_STEPS)
        expect(Math.abs(phone.driftSeconds)).toBeLessThanOrEqual(most * periodSeconds)
        expect(Math.abs(driftSteps(phone))).toBeLessThanOrEqual(most)
        if (phone.driftSeconds !== 0) learnt++
        const later = addSeconds(NOW, 1_000_000)
        expect(judge(phone, codeOf(phone, later), window, later).kind).toBe('right')
      })
      fc.assert(property, { numRuns: 200 })
      expect(learnt).toBeGreaterThan(50)
    },
    TIMEOUT_MS,
  )

  test(
    'follows a phone that stays a step off, so that it has room on either side',
    () => {
      const steady = fc.record({
        periodSeconds: fc.constantFrom(...PERIODS),
        window: fc.integer({ min: 1, max: 4 }),
        sign: fc.constantFrom(-1, 1),
      })
      const property = fc.property(steady, ({ periodSeconds, window, sign }) => {
        const offsets = Array.from({ length: 12 }, () => sign * periodSeconds)
        const phone = use(buildDevice({ periodSeconds }), offsets, window)
        expect(driftSteps(phone)).toBe(sign)
      })
      fc.assert(property, { numRuns: 60 })
    },
    TIMEOUT_MS,
  )

  test('is bounded by the window as it was narrowed for many devices, not as it is configured', () => {
    const secretOf = (index: number) => Buffer.alloc(20, index)
    const [phone = buildDevice(), ...others] = [1, 2, 3].map((index) =>
      buildDevice({ id: String(index), sealedSecret: secretOf(index), driftSeconds: 30 }),
    )
    expect(narrowWindow([phone, ...others], 4)).toBe(1)
    const learnt = (devices: readonly TotpDevice[]) =>
      admit(buildKnown({ devices }), {
        facts: buildFacts(),
        policy: buildPolicy({}, { window: 4 }),
        now: NOW,
        openSecret: openPlain,
        answer: { kind: 'code', code: codeOf(phone, NOW, 2) },
      }).changes.filter(({ kind }) => kind === 'set-drift' || kind === 'accept-step')
    expect(learnt([phone])).toMatchObject([{ kind: 'accept-step' }, { driftSeconds: 38 }])
    expect(learnt([phone, ...others])).toMatchObject([{ kind: 'accept-step' }])
  })
})
