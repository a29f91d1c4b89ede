import { AppError } from '../base/errors.ts'
import { toPrintable } from '../base/text.ts'
import type { UnixSeconds } from '../base/time.ts'
import { type AccountState, countRecoveryCodes, type KnownAccount } from '../domain/account.ts'
import type { Outcome } from '../domain/change.ts'
import { LONGEST_COUNT } from '../domain/consecutive-codes.ts'
import { type Device, nextCounter } from '../domain/device.ts'
import { judgeCode, narrowWindow } from '../domain/device-match.ts'
import { driftChanges, findClockOffset } from '../domain/drift.ts'
import type { AccountName } from '../domain/name.ts'
import { findSteps } from '../domain/otp.ts'
import { overrideAfterEnrolling } from '../domain/override.ts'
import { adminEvent } from './admin-act.ts'
import { openDeviceSecret } from './device-secret.ts'
import { requireKnown } from './known-account.ts'
import { assertFreeSelectors, keptBeside, mintAgain } from './mint-again.ts'
import type { Hasher, Now, RandomBytes, Register, Store, Vault } from './ports.ts'
import { type MintedCodes, mintRecoveryCodes } from './recovery-codes.ts'

interface ConfirmPorts {
  readonly store: Store
  readonly register: Register
  readonly vault: Vault
  readonly hasher: Hasher
  readonly randomBytes: RandomBytes
  readonly now: Now
}

/** A code that is to prove a new device. */
export interface ConfirmInput {
  readonly name: AccountName
  readonly actor: string
  /** ASCII digits, already judged to have the form of a code. */
  readonly code: string
  /** Steps accepted on either side of now. */
  readonly window: number
  readonly mintCodes: boolean
  /** The only device meant; without it any that waits. */
  readonly deviceId?: string
}

/** What a code has proven. */
export type Confirmation =
  | {
      readonly kind: 'confirmed'
      readonly device: string
      readonly recoveryCodes: readonly string[]
    }
  | { readonly kind: 'wrong' }
  /** Right for another time: the device's clock is ahead (positive) or behind of ours. */
  | { readonly kind: 'other-time'; readonly offsetSeconds: number }
  /** Right for a count that many presses ahead, which the window does not reach. */
  | { readonly kind: 'other-count'; readonly presses: number }

/**
 * Proves that a new device works by one of its codes; from then on it counts, and that code is used
 * up. Ten recovery codes come with it where there are none yet. Throws ERR_DEVICE_UNKNOWN when
 * nothing waits for it, or not the device that is meant.
 */
export async function confirmDevice(
  ports: ConfirmPorts,
  input: ConfirmInput,
): Promise<Confirmation> {
  const seen = await ports.register.find(input.name)
  const glance = judge(ports.vault, seen, input, ports.now())
  if (glance.kind !== 'right') return glance
  const needsCodes = input.mintCodes && !hasRecoveryCodes(seen)
  return mintAgain(async () => {
    const minted = needsCodes ? await mintRecoveryCodes(ports) : undefined
    const { result } = await ports.store.transact(
      input.name,
      (state, now): Outcome<Confirmation> => {
        const verdict = judge(ports.vault, state, input, now)
        if (verdict.kind !== 'right') return { changes: [], result: verdict }
        return confirmation(requireKnown(state, input.name), verdict, input, minted, now)
      },
    )
    return result
  })
}

/** Codes handed out with an enrolment that was not confirmed at once stay valid. */
function hasRecoveryCodes(state: AccountState): boolean {
  return state.kind === 'known' && countRecoveryCodes(state.oneTimeCodes) > 0
}

type Judgement =
  | { readonly kind: 'right'; readonly device: Device; readonly step: number }
  | Exclude<Confirmation, { kind: 'confirmed' }>

function judge(
  vault: Vault,
  state: AccountState,
  { name, code, window, deviceId }: ConfirmInput,
  now: UnixSeconds,
): Judgement {
  const devices = requireUnconfirmed(state, name, deviceId)
  const openSecret = openDeviceSecret(vault, state)
  const verdict = judgeCode(devices, code, { now, window, openSecret })
  if (verdict.kind === 'right') return verdict
  const others = devices.map((device) => {
    const secret = openSecret(device)
    const other = findElsewhere(device, secret, code, now)
    secret.fill(0)
    return other
  })
  return others.find((other) => other !== undefined) ?? { kind: 'wrong' }
}

/** What a code that is not right would be right for: what is amiss may be a clock, or a pocket. */
function findElsewhere(
  device: Device,
  secret: Buffer,
  code: string,
  now: UnixSeconds,
): Judgement | undefined {
  if (device.kind === 'totp') {
    const offsetSeconds = findClockOffset(secret, device, code, now)
    return offsetSeconds === undefined ? undefined : { kind: 'other-time', offsetSeconds }
  }
  const next = nextCounter(device)
  // So near that `resync` finds the two codes behind it.
  const [found] = findSteps(secret, device, code, next, next + LONGEST_COUNT - 1)
  return found === undefined ? undefined : { kind: 'other-count', presses: found - next }
}

/** The devices that wait for their first code. Throws ERR_ACCOUNT_UNKNOWN or ERR_DEVICE_UNKNOWN. */
export function requireUnconfirmed(
  state: AccountState,
  name: AccountName,
  deviceId?: string,
): readonly Device[] {
  const { devices } = requireKnown(state, name)
  const meant = devices.filter(({ id }) => deviceId === undefined || id === deviceId)
  if (meant.length === 0 && devices.length > 0) throw replaced(name)
  const waiting = meant.filter((device) => device.confirmedAt === undefined)
  if (waiting.length > 0) return waiting
  throw new AppError('ERR_DEVICE_UNKNOWN', `${toPrintable(name)} has no device to confirm`, {
    hint: `see: otpgate show ${toPrintable(name)}`,
  })
}

/** Two admins, or two windows: the later enrolment is the one that stands. */
function replaced(name: AccountName): AppError {
  return new AppError('ERR_DEVICE_UNKNOWN', 'another enrolment has replaced this one', {
    hint: `delete this one from the app; see: otpgate show ${toPrintable(name)}`,
  })
}

function confirmation(
  known: KnownAccount,
  { device, step }: Extract<Judgement, { kind: 'right' }>,
  { actor, ...input }: ConfirmInput,
  minted: MintedCodes | undefined,
  now: UnixSeconds,
): Outcome<Confirmation> {
  const { account, devices } = known
  const codes = minted?.codes ?? []
  assertFreeSelectors(keptBeside(known, 'invitation'), codes)
  const window = narrowWindow(devices, input.window)
  return {
    changes: [
      { kind: 'confirm-device', deviceId: device.id, at: now },
      { kind: 'accept-step', deviceId: device.id, step, at: now },
      ...driftChanges(device, step, window, now),
      { kind: 'set-override', override: overrideAfterEnrolling(account.override) },
      { kind: 'remove-one-time-codes', of: 'invitation' },
      ...codes.map((code) => ({ kind: 'add-one-time-code', code }) as const),
      adminEvent({ actor, reason: undefined }, 'confirm', now, device.label),
    ],
    result: { kind: 'confirmed', device: device.label, recoveryCodes: minted?.shown ?? [] },
  }
}
