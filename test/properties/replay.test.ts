import fc from 'fast-check'
import { expect, test } from 'vitest'
import { toUnixSeconds, type UnixSeconds } from '../../src/base/time.ts'
import type { KnownAccount } from '../../src/domain/account.ts'
import { admit } from '../../src/domain/admit.ts'
import type { Device } from '../../src/domain/device.ts'
import { generateCode, stepAt } from '../../src/domain/otp.ts'
import {
  ALICE,
  buildButton,
  buildDevice,
  buildKnown,
  NOW,
  openPlain,
} from '../support/account-fixture.ts'
import { buildFacts, buildPolicy, THROTTLE } from '../support/login-fixture.ts'
import { applyChanges } from '../support/memory-change.ts'

/** For a machine that has other things to do. */
const TIMEOUT_MS = 60_000

const all: readonly Device[] = [
  buildDevice({ id: 'phone', label: 'phone' }),
  buildDevice({ id: 'token', label: 'token', sealedSecret: Buffer.alloc(20, 9) }),
  buildDevice({ id: 'slow', label: 'slow', periodSeconds: 60, algorithm: 'SHA256' }),
  // The same secret as the phone has: nothing but its counter keeps the two apart.
  buildButton({ id: 'button', label: 'button' }),
  buildButton({ id: 'long', label: 'long', digits: 8, sealedSecret: Buffer.alloc(20, 7) }),
]

/** Nothing waits here: what is refused is refused by the replay mark alone. */
const GENEROUS = { ...THROTTLE, freeFailures: 20, failuresPerDay: 10_000, lockAfter: 10_000 }
const UNTHROTTLED = { ...GENEROUS, firstWaitSeconds: 0, longestWaitSeconds: 0 }

const attempts = fc.array(
  fc.record({
    device: fc.nat(all.length - 1),
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
const someDevices = fc.subarray([...all], { minLength: 1, maxLength: 3 })

/** The device's code some steps from where it stands: by its clock, or by the presses of its button. */
function codeOn(device: Device, stepsFromNow: number, now: UnixSeconds): string {
  const current =
    device.kind === 'totp' ? stepAt(now, device.periodSeconds) : (device.lastAcceptedStep ?? -1)
  return generateCode(openPlain(device), device, Math.max(0, current + stepsFromNow))
}

test(
  'no device ever accepts a step or counter twice, nor one older than it has accepted',
  () => {
    const accepted = new Map<Device['kind'], number>()
    fc.assert(
      fc.property(attempts, fc.nat(4), someDevices, (sequence, window, devices) => {
        const newest = new Map<string, number>()
        let state: KnownAccount = buildKnown({ devices })
        let now = NOW
        for (const { device: index, stepsFromNow, clockMove } of sequence) {
          now = toUnixSeconds(now + clockMove)
          const device = state.devices[index % state.devices.length] ?? buildDevice()
          const code = codeOn(device, stepsFromNow, now)
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
            const on = devices.find(({ id }) => id === deviceId) ?? buildDevice()
            accepted.set(on.kind, (accepted.get(on.kind) ?? 0) + 1)
            expect(step).toBeGreaterThan(newest.get(deviceId) ?? -1)
            newest.set(deviceId, step)
            expect(generateCode(openPlain(on), on, step)).toBe(code)
          }
          const next = applyChanges(state, ALICE, changes)
          if (next.kind !== 'known') return expect.unreachable('the account is gone')
          state = next
        }
      }),
      { numRuns: 200 },
    )
    expect(accepted.get('totp')).toBeGreaterThan(100)
    expect(accepted.get('hotp')).toBeGreaterThan(100)
  },
  TIMEOUT_MS,
)
