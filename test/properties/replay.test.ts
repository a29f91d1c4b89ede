import fc from 'fast-check'
import { expect, test } from 'vitest'
import { toUnixSeconds } from '../../src/base/time.ts'
import type { AccountState } from '../../src/domain/account.ts'
import { admit } from '../../src/domain/admit.ts'
import type { Device } from '../../src/domain/device.ts'
import { generateCode, stepAt } from '../../src/domain/otp.ts'
import { ALICE, buildDevice, buildKnown, NOW, openPlain } from '../support/account-fixture.ts'
import { buildFacts, buildPolicy, THROTTLE } from '../support/login-fixture.ts'
import { applyChanges } from '../support/memory-change.ts'

/** For a machine that has other things to do. */
const TIMEOUT_MS = 60_000

const devices = [
  buildDevice({ id: 'phone', label: 'phone' }),
  buildDevice({ id: 'token', label: 'token', sealedSecret: Buffer.alloc(20, 9) }),
  buildDevice({ id: 'slow', label: 'slow', periodSeconds: 60, algorithm: 'SHA256' }),
]

/** Nothing waits here: what is refused is refused by the replay mark alone. */
const GENEROUS = { ...THROTTLE, freeFailures: 20, failuresPerDay: 10_000, lockAfter: 10_000 }
const UNTHROTTLED = { ...GENEROUS, firstWaitSeconds: 0, longestWaitSeconds: 0 }

const attempts = fc.array(
  fc.record({
    device: fc.nat(devices.length - 1),
    stepsFromNow: fc.integer({ min: -3, max: 3 }),
    clockMove: fc.oneof(
      fc.constant(0),
      fc.integer({ min: 0, max: 90 }),
      fc.integer({ min: -90, max: 0 }),
      fc.constantFrom(-3600, 3600, -86_400),
    ),
  }),
  { minLength: 1, maxLength: 40 },
)

test(
  'no device ever accepts a step twice, nor one older than it has accepted',
  () => {
    let accepted = 0
    fc.assert(
      fc.property(attempts, fc.nat(4), (sequence, window) => {
        const newest = new Map<string, number>()
        let state: AccountState = buildKnown({ devices })
        let now = NOW
        for (const { device, stepsFromNow, clockMove } of sequence) {
          now = toUnixSeconds(now + clockMove)
          const typedOn = devices[device] ?? buildDevice()
          const code = codeOn(typedOn, stepAt(now, typedOn.periodSeconds) + stepsFromNow)
          const { result, changes } = admit(state, {
            facts: buildFacts(),
            policy: buildPolicy({}, { throttle: UNTHROTTLED, window }),
            now,
            openSecret: openPlain,
            answer: { kind: 'code', code },
          })
          const used = changes.filter((change) => change.kind === 'accept-step')
          expect(used).toHaveLength(result.outcome === 'accepted' ? 1 : 0)
          for (const { deviceId, step } of used) {
            accepted++
            expect(step).toBeGreaterThan(newest.get(deviceId) ?? -1)
            newest.set(deviceId, step)
            const on = devices.find(({ id }) => id === deviceId)
            expect(on && codeOn(on, step)).toBe(code)
            expect(on && Math.abs(step - stepAt(now, on.periodSeconds))).toBeLessThanOrEqual(window)
          }
          state = applyChanges(state, ALICE, changes)
        }
      }),
      { numRuns: 150 },
    )
    expect(accepted).toBeGreaterThan(100)
  },
  TIMEOUT_MS,
)

function codeOn(device: Device, step: number): string {
  return generateCode(openPlain(device), device, step)
}
