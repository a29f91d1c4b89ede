import type { UnixSeconds } from '../base/time.ts'
import type { Budget } from './account.ts'
import type { UnusableReason } from './answer.ts'
import type { Excuse } from './excuse.ts'
import type { ProofMethod } from './ticket.ts'

/** Why a login was denied. Public, in logs and the audit: added to, never renamed. */
export type DenialReason =
  | UnusableReason
  | 'user-unknown'
  | 'uid-changed'
  | 'must-enroll'
  | 'suspended'
  | 'password-wrong'
  | 'not-enrolled'
  | 'first-factor-missing'
  | 'throttled'
  | 'locked'
  | 'code-wrong'
  | 'code-replayed'
  | 'clock-behind'
  | 'not-excused'
  | 'ticket-missing'

export interface Denied {
  readonly outcome: 'denied'
  readonly reason: DenialReason
  /** End of the wait, where there is one. */
  readonly until?: UnixSeconds
  /** Whose failures were too many, where they were. */
  readonly budget?: Budget
}

export interface Accepted {
  readonly outcome: 'accepted'
  readonly method: ProofMethod
  /** Label of the device whose code it was. */
  readonly device?: string
  /** Unused recovery codes, after one of them was used. */
  readonly recoveryCodesLeft?: number
}

export interface Excused extends Excuse {
  readonly outcome: 'excused'
}

/** What a login comes to. */
export type Decision = Accepted | Excused | Denied

/** Whether the decision lets somebody in. */
export function isAdmitted(decision: Decision): decision is Accepted | Excused {
  return decision.outcome === 'accepted' || decision.outcome === 'excused'
}
