import { addSeconds, type UnixSeconds } from '../base/time.ts'

/** A clock that is slewed or stepped back by a moment must not cost a login. */
export const CLOCK_STEP_SECONDS = 10

/** When a decision was made, and the first second in which it does not hold any more. */
export interface Term {
  readonly since: UnixSeconds
  readonly until: UnixSeconds
}

/**
 * Whether `now` lies in the term. Before its begin it does not, or a clock that is set back would
 * revive what has ended.
 */
export function isWithinTerm({ since, until }: Term, now: UnixSeconds): boolean {
  return since <= addSeconds(now, CLOCK_STEP_SECONDS) && now < until
}
