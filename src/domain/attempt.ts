import type { UnixSeconds } from '../base/time.ts'
import type { Accepted, Excused } from './decision.ts'

declare const attemptId: unique symbol
/**
 * One question of one line of pam.d, 32 lower-case hex digits drawn at random. The static client puts
 * it to the daemon, and, where no answer comes, once more to the direct verifier.
 */
export type AttemptId = string & { readonly [attemptId]: true }

/** The yes that an attempt has got. */
export type Answered = Accepted | Excused

/** An attempt whose one-time code is being compared: it has been charged for that. */
export interface Charged {
  readonly outcome: 'charged'
  readonly chargedAt: UnixSeconds
  /** Audit row that says so. */
  readonly completes: number | undefined
}

/** What is kept of an attempt, for whoever asks by it again. */
export type Kept = Answered | Charged

const ATTEMPT_ID = /^[0-9a-f]{32}$/

/** `undefined`: it is none. */
export function parseAttemptId(text: string): AttemptId | undefined {
  return ATTEMPT_ID.test(text) ? (text as AttemptId) : undefined
}
