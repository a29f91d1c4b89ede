import type { UnixSeconds } from '../base/time.ts'
import type { AccountState, Budget, KnownAccount } from './account.ts'
import { loginEvent } from './audit-event.ts'
import type { Change, Outcome } from './change.ts'
import type { Denied } from './decision.ts'
import { type LoginFacts, type LoginPolicy, mayAskForCode } from './login.ts'
import {
  judgeThrottle,
  rebaseThrottle,
  type ThrottlePolicy,
  type ThrottleState,
} from './throttle.ts'

/** What the configuration says about judging a login. */
export interface VerifyPolicy {
  readonly login: LoginPolicy
  readonly throttle: ThrottlePolicy
  /** Steps accepted on either side of now. */
  readonly window: number
}

/** What every judgement of a login starts from. */
export interface LoginInput {
  readonly facts: LoginFacts
  readonly policy: VerifyPolicy
  readonly now: UnixSeconds
}

/** Why nobody gets in under this name at all, whatever they type; `undefined`: nothing in the way. */
export function findObstacle(state: AccountState, facts: LoginFacts): Denied | undefined {
  if (state.kind === 'never-known') return undefined
  if (state.account.uid !== facts.uid) return { outcome: 'denied', reason: 'uid-changed' }
  if (state.account.override?.kind === 'must-enroll') {
    return { outcome: 'denied', reason: 'must-enroll' }
  }
  return undefined
}

/**
 * A denial that is not charged. It is counted in the audit, unless nobody has proven a first factor
 * yet: strangers must not be able to write to the disk.
 */
export function denyUncharged(
  denied: Denied,
  input: LoginInput,
  changes: readonly Change[] = [],
): Outcome<Denied> {
  const { facts, policy, now } = input
  if (!mayAskForCode(facts, policy.login)) return { changes: [], result: denied }
  const event = loginEvent(facts, now, { outcome: 'denied' })
  const counted: Change = { kind: 'count-denial', event: { ...event, reason: denied.reason } }
  return { changes: [...changes, counted], result: denied }
}

/** A budget that has room for one more attempt, as the clock of now sees it; or the denial. */
export type BudgetVerdict =
  | { readonly kind: 'open'; readonly throttle: ThrottleState }
  | { readonly kind: 'spent'; readonly outcome: Outcome<Denied> }

/** Whether an attempt against `budget` may be judged. During a wait nothing counts and nothing is used. */
export function openBudget(state: KnownAccount, budget: Budget, input: LoginInput): BudgetVerdict {
  const stored = state.account.throttle[budget]
  const throttle = rebaseThrottle(stored, input.now)
  const verdict = judgeThrottle(throttle, input.policy.throttle, input.now)
  if (verdict.kind === 'free') return { kind: 'open', throttle }
  const denied: Denied =
    verdict.kind === 'locked'
      ? { outcome: 'denied', reason: 'locked', budget }
      : { outcome: 'denied', reason: 'throttled', until: verdict.until, budget }
  const rebased: Change[] = throttle === stored ? [] : [{ kind: 'set-throttle', budget, throttle }]
  return { kind: 'spent', outcome: denyUncharged(denied, input, rebased) }
}
