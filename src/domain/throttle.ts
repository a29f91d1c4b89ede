import { addSeconds, DAY_SECONDS, laterOf, type UnixSeconds } from '../base/time.ts'

/** Numbers of `[throttle]` in the configuration. */
export interface ThrottlePolicy {
  readonly freeFailures: number
  readonly firstWaitSeconds: number
  readonly longestWaitSeconds: number
  readonly failuresPerDay: number
  readonly lockAfter: number
}

/** What one budget of one account has used up (RFC 4226 section 7.3). */
export interface ThrottleState {
  /** Charged attempts since the last right one. */
  readonly consecutiveFailures: number
  /** When attempts of the last day were charged, oldest first; not forgotten after a success. */
  readonly recentFailures: readonly UnixSeconds[]
  readonly wait: ThrottleWait | undefined
}

/** Both ends are kept: the start tells when the clock has been set back meanwhile. */
export interface ThrottleWait {
  readonly from: UnixSeconds
  readonly until: UnixSeconds
}

export type ThrottleVerdict =
  | { readonly kind: 'free' }
  | { readonly kind: 'waiting'; readonly until: UnixSeconds }
  | { readonly kind: 'locked' }

export const FRESH_THROTTLE: ThrottleState = {
  consecutiveFailures: 0,
  recentFailures: [],
  wait: undefined,
}

/** Whether an attempt may be judged now. Give it a rebased state. */
export function judgeThrottle(
  state: ThrottleState,
  policy: ThrottlePolicy,
  now: UnixSeconds,
): ThrottleVerdict {
  if (state.consecutiveFailures >= policy.lockAfter) return { kind: 'locked' }
  if (state.wait !== undefined && now < state.wait.until) {
    return { kind: 'waiting', until: state.wait.until }
  }
  return { kind: 'free' }
}

/** No policy makes a longer one: both backoff and limit of the day end within a day. */
const LONGEST_WAIT_SECONDS = DAY_SECONDS

/**
 * The state as the clock of now must see it. After the clock was set back, a wait that begins in the
 * future starts over at `now` with its length unchanged, and failures of the future happened now:
 * a correction neither ends a wait early nor makes one endless. Nor does what somebody has written
 * into the database: a wait is never longer than the longest. Returns the same object if nothing
 * changed; a changed one must be saved, or the wait would start over at each attempt.
 */
export function rebaseThrottle(state: ThrottleState, now: UnixSeconds): ThrottleState {
  const wait = state.wait && rebaseWait(state.wait, now)
  const isSound = state.recentFailures.every((at) => at <= now)
  if (wait === state.wait && isSound) return state
  return { ...state, recentFailures: state.recentFailures.map((at) => (at > now ? now : at)), wait }
}

function rebaseWait(wait: ThrottleWait, now: UnixSeconds): ThrottleWait {
  const length = wait.until - wait.from
  if (wait.from <= now && length <= LONGEST_WAIT_SECONDS) return wait
  const from = wait.from > now ? now : wait.from
  return { from, until: addSeconds(from, Math.min(length, LONGEST_WAIT_SECONDS)) }
}

/** One more attempt is on the account, before its outcome is known: `succeedThrottle` takes it back. */
export function chargeThrottle(
  state: ThrottleState,
  policy: ThrottlePolicy,
  now: UnixSeconds,
): ThrottleState {
  const consecutiveFailures = state.consecutiveFailures + 1
  const recentFailures = [...withinDay(state.recentFailures, now), now].slice(
    -policy.failuresPerDay,
  )
  const backoff = backoffSeconds(consecutiveFailures, policy)
  const until = laterOf(addSeconds(now, backoff), dayLimitEnd(recentFailures, policy, now))
  return { consecutiveFailures, recentFailures, wait: waitBetween(now, until) }
}

/**
 * After a right code. `chargedAt`: the charge to take back, where the attempt was charged. The day's
 * other failures stay, and with them a wait that they alone demand.
 */
export function succeedThrottle(
  state: ThrottleState,
  policy: ThrottlePolicy,
  now: UnixSeconds,
  chargedAt?: UnixSeconds,
): ThrottleState {
  const recentFailures = withinDay(withoutCharge(state.recentFailures, chargedAt), now)
  const until = dayLimitEnd(recentFailures, policy, now)
  return { consecutiveFailures: 0, recentFailures, wait: waitBetween(now, until) }
}

/** What keeps somebody waiting longer, of two records of one budget. */
export function stricterThrottle(a: ThrottleState, b: ThrottleState): ThrottleState {
  const [recent, other] = [a.recentFailures, b.recentFailures]
  return {
    consecutiveFailures: Math.max(a.consecutiveFailures, b.consecutiveFailures),
    recentFailures: other.length > recent.length ? other : recent,
    wait: (b.wait?.until ?? 0) > (a.wait?.until ?? 0) ? b.wait : a.wait,
  }
}

/** 0 for the free failures, then `firstWait`, doubling with each further failure up to `longestWait`. */
function backoffSeconds(consecutiveFailures: number, policy: ThrottlePolicy): number {
  const doublings = consecutiveFailures - policy.freeFailures
  if (doublings < 0) return 0
  return Math.min(policy.firstWaitSeconds * 2 ** doublings, policy.longestWaitSeconds)
}

/** Once the day's failures are used up: when the oldest of them is a day old; else `now`. */
function dayLimitEnd(
  recentFailures: readonly UnixSeconds[],
  policy: ThrottlePolicy,
  now: UnixSeconds,
): UnixSeconds {
  const oldest = recentFailures[recentFailures.length - policy.failuresPerDay]
  return oldest === undefined ? now : addSeconds(oldest, DAY_SECONDS)
}

function waitBetween(now: UnixSeconds, until: UnixSeconds): ThrottleWait | undefined {
  return until > now ? { from: now, until } : undefined
}

function withinDay(times: readonly UnixSeconds[], now: UnixSeconds): readonly UnixSeconds[] {
  return times.filter((at) => at > now - DAY_SECONDS)
}

/** Where the clock was set back since, `rebaseThrottle` has moved the charge, but only to before. */
function withoutCharge(
  times: readonly UnixSeconds[],
  chargedAt: UnixSeconds | undefined,
): readonly UnixSeconds[] {
  const index = chargedAt === undefined ? -1 : times.findLastIndex((at) => at <= chargedAt)
  return times.filter((_, each) => each !== index)
}
