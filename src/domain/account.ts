import type { UnixSeconds } from '../base/time.ts'
import { type Device, isUsable } from './device.ts'
import type { KnownSource } from './known-source.ts'
import type { AccountName, Uid } from './name.ts'
import type { OneTimeCode } from './one-time-code.ts'
import { activeOverride, type Override } from './override.ts'
import type { ThrottleState } from './throttle.ts'
import type { Ticket } from './ticket.ts'

/**
 * What failures are counted against, each apart. Codes to guess and codes to remember: guessing one
 * must not lock the other. Codes from where this person logs in anyway: a stranger who has the first
 * factor must not lock them out. And whatever is typed on the host itself, where a first factor may
 * never be asked for, as by su: other people of the host must not lock them out of SSH.
 */
export const BUDGETS = ['code', 'oneTimeCode', 'knownSource', 'local'] as const
export type Budget = (typeof BUDGETS)[number]

export interface Account {
  readonly name: AccountName
  /** The uid at enrolment: a name created again for somebody else does not inherit the secret. */
  readonly uid: Uid
  readonly override: Override | undefined
  readonly throttle: Readonly<Record<Budget, ThrottleState>>
  readonly createdAt: UnixSeconds
  /** When a device first counted; stays, whatever becomes of the device. */
  readonly enrolledAt: UnixSeconds | undefined
  readonly lastLoginAt: UnixSeconds | undefined
}

export interface KnownAccount {
  readonly kind: 'known'
  readonly account: Account
  readonly devices: readonly Device[]
  readonly oneTimeCodes: readonly OneTimeCode[]
  readonly sources: readonly KnownSource[]
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
export type AccountStatus = 'enrolled' | 'unconfirmed' | Override['kind']

/** Enrolled means at least one confirmed device; an override that holds at `now` comes first. */
export function accountStatus(
  override: Override | undefined,
  devices: readonly Pick<Device, 'confirmedAt'>[],
  now: UnixSeconds,
): AccountStatus {
  const active = activeOverride(override, now)
  if (active !== undefined) return active.kind
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
