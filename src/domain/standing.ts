import type { UnixSeconds } from '../base/time.ts'
import type { AccountState, Budget, KnownAccount } from './account.ts'
import { loginEvent } from './audit-event.ts'
import type { Change, Outcome } from './change.ts'
import type { Denied } from './decision.ts'
import { findSource, knownUntil } from './known-source.ts'
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
export function findObstacle(
  state: AccountState,
  facts: Pick<LoginFacts, 'uid'>,
): Denied | undefined {
  if (state.kind === 'never-known') return undefined
  if (state.account.uid !== facts.uid) return { outcome: 'denied', reason: 'uid-changed' }
  const { override } = state.account
  const isBarred = override?.kind === 'suspended' || override?.kind === 'must-enroll'
  return isBarred ? { outcome: 'denied', reason: override.kind } : undefined
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

/** What wrong codes from a known source may come to on top of the account's own budget. */
const KNOWN_SOURCE_LIMITS = { failuresPerDay: 5, lockAfter: 10 } as const

/** The numbers of one budget. */
export function budgetPolicy(budget: Budget, policy: ThrottlePolicy): ThrottlePolicy {
  return budget === 'knownSource' ? { ...policy, ...KNOWN_SOURCE_LIMITS } : policy
}

/** A budget that has room for one more attempt, as the clock of now sees it; or the denial. */
export type BudgetVerdict =
  | OpenBudget
  | { readonly kind: 'spent'; readonly outcome: Outcome<Denied> }

export interface OpenBudget {
  readonly kind: 'open'
  readonly budget: Budget
  readonly throttle: ThrottleState
}

/** Whether an attempt against `budget` may be judged. During a wait nothing counts and nothing is used. */
export function openBudget(state: KnownAccount, budget: Budget, input: LoginInput): BudgetVerdict {
  const stored = state.account.throttle[budget]
  const throttle = rebaseThrottle(stored, input.now)
  const policy = budgetPolicy(budget, input.policy.throttle)
  const verdict = judgeThrottle(throttle, policy, input.now)
  if (verdict.kind === 'free') return { kind: 'open', budget, throttle }
  const denied: Denied =
    verdict.kind === 'locked'
      ? { outcome: 'denied', reason: 'locked', budget }
      : { outcome: 'denied', reason: 'throttled', until: verdict.until, budget }
  const rebased: Change[] = throttle === stored ? [] : [{ kind: 'set-throttle', budget, throttle }]
  return { kind: 'spent', outcome: denyUncharged(denied, input, rebased) }
}

/** The budget for one-time codes. */
export function oneTimeBudget({ isSsh }: Pick<LoginFacts, 'isSsh'>): Budget {
  return isSsh ? 'oneTimeCode' : 'local'
}

/**
 * The budget for the codes of devices. Where the account's own for SSH is spent, as by somebody else
 * who has the first factor, a source that this person has logged in from lately has a small one
 * beside it.
 */
export function openCodeBudget(state: KnownAccount, input: LoginInput): BudgetVerdict {
  if (!input.facts.isSsh) return openBudget(state, 'local', input)
  const own = openBudget(state, 'code', input)
  if (own.kind === 'open') return own
  if (knownUntil(findSource(state.sources, input.facts), input.now) === undefined) return own
  const relief = openBudget(state, 'knownSource', input)
  return relief.kind === 'open' ? relief : { ...own, outcome: withWaitOf(relief, own) }
}

type SpentBudget = Extract<BudgetVerdict, { kind: 'spent' }>

/** The denial by `own`, which also saves a wait of `relief` that the clock made start over. */
function withWaitOf(relief: SpentBudget, own: SpentBudget): Outcome<Denied> {
  const waits = relief.outcome.changes.filter(({ kind }) => kind === 'set-throttle')
  return { ...own.outcome, changes: [...waits, ...own.outcome.changes] }
}
