import type { UnixSeconds } from '../base/time.ts'
import { type AccountState, countRecoveryCodes, usableDevices } from './account.ts'
import type { Uid } from './name.ts'
import { isSpendable } from './one-time-code.ts'
import { activeOverride } from './override.ts'
import { findObstacle } from './standing.ts'

/** The PAM service that records name where somebody proves a code to otpgate itself. */
export const SELF_SERVICE = 'otpgate-self'

/** Why somebody may not do a thing themselves. */
export type SelfRefusal =
  | 'uid-changed'
  | 'suspended'
  | 'must-enroll'
  | 'enrolled'
  | 'not-enrolled'
  | 'not-invited'

/** Whether somebody may enroll themselves. `needsCode`: only with the invitation code. */
export type SelfEnrolling =
  | { readonly outcome: 'open'; readonly needsCode: boolean }
  | { readonly outcome: 'refused'; readonly reason: SelfRefusal }

export interface SelfInput {
  readonly uid: Uid
  readonly now: UnixSeconds
  /** `[policy] self_enroll`. */
  readonly selfEnroll: boolean
}

/**
 * Enrolling oneself takes an invitation; or the configuration allows it to people who never had a
 * device. After a reset it is always an admin who decides: whoever holds the first factor may be the
 * one whom the reset was for.
 */
export function judgeSelfEnrolling(state: AccountState, input: SelfInput): SelfEnrolling {
  const { uid, now, selfEnroll } = input
  const bar = findBar(state, uid)
  if (bar !== undefined) return { outcome: 'refused', reason: bar }
  if (usableDevices(state).length > 0) return { outcome: 'refused', reason: 'enrolled' }
  const override = state.kind === 'known' ? activeOverride(state.account.override, now) : undefined
  if (override?.kind === 'invited') return { outcome: 'open', needsCode: override.needsCode }
  return selfEnroll && hadNoDevice(state)
    ? { outcome: 'open', needsCode: false }
    : { outcome: 'refused', reason: 'not-invited' }
}

/** Why the devices and codes of this person are not theirs to change now; `undefined`: they are. */
export function findChangeRefusal(state: AccountState, uid: Uid): SelfRefusal | undefined {
  return findBar(state, uid) ?? (usableDevices(state).length === 0 ? 'not-enrolled' : undefined)
}

/** Whether this invitation code is still there to enroll with. */
export function holdsInvitation(
  state: AccountState,
  codeId: string | undefined,
  now: UnixSeconds,
): boolean {
  if (state.kind === 'never-known') return false
  return state.oneTimeCodes.some(
    (code) => code.id === codeId && code.kind === 'invitation' && isSpendable(code, now),
  )
}

function findBar(state: AccountState, uid: Uid): SelfRefusal | undefined {
  const reason = findObstacle(state, { uid })?.reason
  return reason === 'uid-changed' || reason === 'suspended' || reason === 'must-enroll'
    ? reason
    : undefined
}

function hadNoDevice(state: AccountState): boolean {
  if (state.kind === 'never-known') return true
  return state.account.enrolledAt === undefined && countRecoveryCodes(state.oneTimeCodes) === 0
}
