import type { UnixSeconds } from '../base/time.ts'
import {
  type AccountState,
  BUDGETS,
  type Budget,
  countRecoveryCodes,
  type KnownAccount,
} from './account.ts'
import { admissionChanges } from './admission.ts'
import { loginEvent } from './audit-event.ts'
import type { Change, Outcome } from './change.ts'
import type { Accepted, Decision, Denied } from './decision.ts'
import {
  isLoginCode,
  isSpendable,
  type LoginCodeKind,
  type OneTimeCode,
  type OneTimeCodeKind,
} from './one-time-code.ts'
import { budgetPolicy, findObstacle, type LoginInput, oneTimeBudget } from './standing.ts'
import { rebaseThrottle, succeedThrottle } from './throttle.ts'

export interface SettleInput extends LoginInput {
  /** Code whose hash was compared and fits; `undefined`: none does. */
  readonly provenCodeId: string | undefined
  readonly chargedAt: UnixSeconds
  /** Audit row that the admission left `unfinished`. */
  readonly completes: number | undefined
  /** As it was at the admission. */
  readonly codeKinds?: readonly LoginCodeKind[]
}

type LoginCode = OneTimeCode & { readonly kind: LoginCodeKind }

/**
 * The second transaction of a one-time code. Everything is judged again, because it may have changed
 * while the hash was computed: the account reset, the code used by another login. The charge is
 * taken back only by a code that is consumed here.
 */
export function settle(state: AccountState, input: SettleInput): Outcome<Accepted | Denied> {
  const obstacle = findObstacle(state, input.facts)
  if (obstacle !== undefined) return denySettled(obstacle, input)
  if (state.kind === 'never-known')
    return denySettled({ outcome: 'denied', reason: 'not-enrolled' }, input)
  const code = state.oneTimeCodes
    .filter((each) => isLoginCode(each, input.codeKinds))
    .find((each) => each.id === input.provenCodeId && isSpendable(each, input.now))
  if (code === undefined) return denySettled({ outcome: 'denied', reason: 'code-wrong' }, input)
  return accept(state, code, input)
}

function accept(state: KnownAccount, code: LoginCode, input: SettleInput): Outcome<Accepted> {
  const { facts, now } = input
  const method = code.kind
  return {
    changes: [
      { kind: 'consume-one-time-code', codeId: code.id, at: now },
      ...relieveBudgets(state, method, input),
      ...admissionChanges(facts, method, now),
      finalEvent(input, { outcome: 'accepted', method }),
    ],
    result: { outcome: 'accepted', method, ...codesLeft(state, method) },
  }
}

function codesLeft(
  state: KnownAccount,
  method: LoginCodeKind,
): Pick<Accepted, 'recoveryCodesLeft'> {
  if (method !== 'recovery') return {}
  return { recoveryCodesLeft: countRecoveryCodes(state.oneTimeCodes) - 1 }
}

/**
 * The charge of the attempt is taken back. A right recovery code also ends a lock on the codes of
 * devices: the way back in without an admin.
 * A bypass code comes from one, who has `unlock` for that.
 */
export function relieveBudgets(
  state: KnownAccount,
  method: OneTimeCodeKind,
  input: SettleInput,
): readonly Change[] {
  const { facts, policy, now, chargedAt } = input
  const charged = oneTimeBudget(facts)
  const budgets: readonly Budget[] = method === 'recovery' ? BUDGETS : [charged]
  return budgets.map((budget) => ({
    kind: 'set-throttle',
    budget,
    throttle: succeedThrottle(
      rebaseThrottle(state.account.throttle[budget], now),
      budgetPolicy(budget, policy.throttle),
      now,
      budget === charged ? chargedAt : undefined,
    ),
  }))
}

/** The attempt stays charged. */
export function denySettled(denied: Denied, input: SettleInput): Outcome<Denied> {
  const { reason } = denied
  return {
    changes: [finalEvent(input, { outcome: 'denied', method: 'one-time-code', reason })],
    result: denied,
  }
}

/** The record that completes the one of the admission. */
export function finalEvent(
  input: SettleInput,
  rest: { outcome: Decision['outcome']; method: string; reason?: string },
): Change {
  const { facts, now, completes } = input
  const link = completes === undefined ? {} : { completes }
  return { kind: 'append-audit', event: loginEvent(facts, now, { ...rest, ...link }) }
}
