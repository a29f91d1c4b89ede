import fc from 'fast-check'
import { expect, test } from 'vitest'
import { toUnixSeconds, type UnixSeconds } from '../../src/base/time.ts'
import type { KnownAccount } from '../../src/domain/account.ts'
import { admit } from '../../src/domain/admit.ts'
import type { Device } from '../../src/domain/device.ts'
import { judgeCode } from '../../src/domain/device-match.ts'
import { generateCode, stepAt } from '../../src/domain/otp.ts'
import {
  ALICE,
  buildButton,
  buildDevice,
  buildKnown,
  NOW,
  openPlain,
} from '../support/account-fixture.ts'
import { buildFacts, buildPolicy } from '../support/login-fixture.ts'
import { applyChanges } from '../support/memory-change.ts'

/** For a machine that has other things to do. */
const TIMEOUT_MS = 60_000
/** Farther than any window reaches, drift and look-ahead included. */
const FAR = 16

const eightDigits = (seed: number) => ({
  id: `d${seed}`,
  label: `d${seed}`,
  digits: 8 as const,
  sealedSecret: Buffer.alloc(20, seed),
})
const phone = buildDevice(eightDigits(1))

/** What people have, as far as it may be enrolled: with eight digits nothing fits by chance. */
const DEVICES: readonly (readonly Device[])[] = [
  [phone],
  [phone, buildDevice(eightDigits(2))],
  [phone, buildDevice(eightDigits(2)), buildDevice(eightDigits(3))],
  [phone, buildButton(eightDigits(2))],
  [phone, buildDevice(eightDigits(2)), buildButton(eightDigits(3))],
]

/** Logins with a phone: by how many seconds its clock is ahead then, between these two. */
const loginsBetween = (least: number, most: number, minLength: number) =>
  fc.array(
    fc.record({
      later: fc.integer({ min: 15, max: 600 }),
      ahead: fc.integer({ min: least, max: most }),
    }),
    { minLength, maxLength: 25 },
  )
/** Of a clock that wanders anywhere, which teaches little, or of one that stays off, which is followed. */
const logins = fc.oneof(
  loginsBetween(-95, 95, 1),
  fc.integer({ min: -65, max: 65 }).chain((off) => loginsBetween(off - 15, off + 15, 10)),
)

function logIn(
  state: KnownAccount,
  now: UnixSeconds,
  code: string,
  window: number,
): { readonly state: KnownAccount; readonly isIn: boolean } {
  const { result, changes } = admit(state, {
    facts: buildFacts({ address: undefined }),
    policy: buildPolicy({}, { window }),
    now,
    openSecret: openPlain,
    answer: { kind: 'code', code },
  })
  const next = applyChanges(state, ALICE, changes)
  if (next.kind !== 'known') return expect.unreachable('the account is gone')
  return { state: next, isIn: result.outcome === 'accepted' }
}

function codeAt(device: Device, at: number, by = 0): string {
  const period = device.kind === 'totp' ? device.periodSeconds : 30
  return generateCode(openPlain(device), device, stepAt(toUnixSeconds(at), period) + by)
}

/** How many codes are right now, none of them used; what was used only takes some away. */
function countRight(devices: readonly Device[], now: UnixSeconds, window: number): number[] {
  const unused = devices.map(
    (each): Device => (each.kind === 'totp' ? { ...each, lastAcceptedStep: undefined } : each),
  )
  return unused.map((device) => {
    const current =
      device.kind === 'totp' ? stepAt(now, device.periodSeconds) : (device.lastAcceptedStep ?? -1)
    const steps = Array.from({ length: 2 * FAR + 1 }, (_, index) => current + index - FAR)
    const isRight = (step: number) => {
      const code = generateCode(openPlain(device), device, step)
      return judgeCode(unused, code, { now, window, openSecret: openPlain }).kind === 'right'
    }
    return steps.filter((step) => step >= 0 && isRight(step)).length
  })
}

test(
  'whatever a phone has taught, as many codes are right as the window says, and nine in all at most',
  () => {
    let moved = 0
    fc.assert(
      fc.property(logins, fc.nat(4), fc.constantFrom(...DEVICES), (sequence, window, devices) => {
        let state = buildKnown({ devices })
        let now = NOW
        for (const { later, ahead } of sequence) {
          now = toUnixSeconds(now + later)
          state = logIn(state, now, codeAt(phone, now + ahead), window).state
          const [first] = state.devices
          if (first?.kind === 'totp' && Math.abs(first.driftSeconds) > 15) moved++
        }
        const counts = countRight(state.devices, now, window)
        state.devices.forEach(({ kind }, index) => {
          expect(counts[index]).toBeLessThanOrEqual(kind === 'totp' ? 2 * window + 1 : 6)
        })
        expect(counts.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(9)
      }),
      { numRuns: 150 },
    )
    expect(moved).toBeGreaterThan(50)
  },
  TIMEOUT_MS,
)

test(
  'a phone whose clock is put right is let in, whatever was learnt of it before',
  () => {
    fc.assert(
      fc.property(logins, fc.integer({ min: 0, max: 4 }), (sequence, window) => {
        let state = buildKnown({ devices: [phone] })
        let now = NOW
        for (const { later, ahead } of sequence) {
          now = toUnixSeconds(now + later)
          state = logIn(state, now, codeAt(phone, now + ahead), window).state
        }
        // Past every wait, and past every step that was used while the phone was ahead.
        now = toUnixSeconds(now + 90_000)
        expect(logIn(state, now, codeAt(phone, now), window).isIn).toBe(true)
      }),
      { numRuns: 150 },
    )
  },
  TIMEOUT_MS,
)
