import type { UnixSeconds } from '../base/time.ts'
import { type Device, isUsable } from './device.ts'
import type { AccountName, Uid } from './name.ts'
import type { OneTimeCode } from './one-time-code.ts'
import type { ThrottleState } from './throttle.ts'
import type { Ticket } from './ticket.ts'

/** A decision of an admin that stands beside the devices; at most one an account. */
export interface Override {
  /** Denied until a device is confirmed: what a reset leaves. */
  readonly kind: 'must-enroll'
  readonly reason: string | undefined
}

/** Codes to guess and codes to remember are throttled apart: guessing one must not lock the other. */
export type Budget = 'code' | 'oneTimeCode'

export interface Account {
  readonly name: AccountName
  /** The uid at enrolment: a name created again for somebody else does not inherit the secret. */
  readonly uid: Uid
  readonly override: Override | undefined
  readonly throttle: Readonly<Record<Budget, ThrottleState>>
  readonly createdAt: UnixSeconds
  readonly lastLoginAt: UnixSeconds | undefined
}

export interface KnownAccount {
  readonly kind: 'known'
  readonly account: Account
  readonly devices: readonly Device[]
  readonly oneTimeCodes: readonly OneTimeCode[]
  readonly tickets: readonly Ticket[]
}

/** A name otpgate has no account for. An excused login leaves a ticket all the same. */
export interface NeverKnownAccount {
  readonly kind: 'never-known'
  readonly tickets: readonly Ticket[]
}

/** All that is stored about one name. */
export type AccountState = KnownAccount | NeverKnownAccount

/** What people see. */
export type AccountStatus = 'enrolled' | 'unconfirmed' | 'must-enroll'

/** Enrolled means at least one confirmed device; an override comes first. */
export function accountStatus(
  override: Override | undefined,
  devices: readonly Pick<Device, 'confirmedAt'>[],
): AccountStatus {
  if (override !== undefined) return override.kind
  return devices.some((device) => device.confirmedAt !== undefined) ? 'enrolled' : 'unconfirmed'
}

/** The devices a login may be proven with. */
export function usableDevices(state: AccountState): readonly Device[] {
  return state.kind === 'known' ? state.devices.filter(isUsable) : []
}

/** How many recovery codes are still unused. */
export function countRecoveryCodes(codes: readonly OneTimeCode[]): number {
  return codes.filter((code) => code.kind === 'recovery' && code.usesLeft > 0).length
}
