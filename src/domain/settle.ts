import type { UnixSeconds } from '../base/time.ts'
import { type AccountState, countRecoveryCodes, type KnownAccount } from './account.ts'
import { admissionChanges } from './admission.ts'
import { loginEvent } from './audit-event.ts'
import type { Change, Outcome } from './change.ts'
import type { Accepted, Decision, Denied } from './decision.ts'
import { isSpendable, type OneTimeCode } from './one-time-code.ts'
import { findObstacle, type LoginInput } from './standing.ts'
import { rebaseThrottle, succeedThrottle } from './throttle.ts'

export interface SettleInput extends LoginInput {
  /** Code whose hash was compared and fits; `undefined`: none does. */
  readonly provenCodeId: string | undefined
  readonly chargedAt: UnixSeconds
  /** Audit row that the admission left `unfinished`. */
  readonly completes: number | undefined
}

/**
 * The second transaction of a one-time code. Everything is judged again, because it may have changed
 * while the hash was computed: the account reset, the code used by another login. The charge is
 * taken back only by a code that is consumed here.
 */
export function settle(state: AccountState, input: SettleInput): Outcome<Accepted | Denied> {
  const obstacle = findObstacle(state, input.facts)
  if (obstacle !== undefined) return deny(obstacle, input)
  if (state.kind === 'never-known')
    return deny({ outcome: 'denied', reason: 'not-enrolled' }, input)
  const code = state.oneTimeCodes.find(
    (each) => each.id === input.provenCodeId && isSpendable(each, input.now),
  )
  if (code === undefined) return deny({ outcome: 'denied', reason: 'code-wrong' }, input)
  return accept(state, code, input)
}

function accept(state: KnownAccount, code: OneTimeCode, input: SettleInput): Outcome<Accepted> {
  const { facts, now } = input
  const result: Accepted = {
    outcome: 'accepted',
    method: code.kind,
    recoveryCodesLeft: countRecoveryCodes(state.oneTimeCodes) - 1,
  }
  return {
    changes: [
      { kind: 'consume-one-time-code', codeId: code.id, at: now },
      ...relieveBudgets(state, input),
      ...admissionChanges(facts, code.kind, now),
      finalEvent(input, { outcome: 'accepted', method: code.kind }),
    ],
    result,
  }
}

/** A right recovery code also ends a lock on codes: the way back in without an admin. */
function relieveBudgets(state: KnownAccount, input: SettleInput): readonly Change[] {
  const { policy, now, chargedAt } = input
  const { code, oneTimeCode } = state.account.throttle
  return [
    {
      kind: 'set-throttle',
      budget: 'code',
      throttle: succeedThrottle(rebaseThrottle(code, now), policy.throttle, now),
    },
    {
      kind: 'set-throttle',
      budget: 'oneTimeCode',
      throttle: succeedThrottle(rebaseThrottle(oneTimeCode, now), policy.throttle, now, chargedAt),
    },
  ]
}

function deny(denied: Denied, input: SettleInput): Outcome<Denied> {
  const { reason } = denied
  return {
    changes: [finalEvent(input, { outcome: 'denied', method: 'recovery', reason })],
    result: denied,
  }
}

function finalEvent(
  input: SettleInput,
  rest: { outcome: Decision['outcome']; method: string; reason?: string },
): Change {
  const { facts, now, completes } = input
  const link = completes === undefined ? {} : { completes }
  return { kind: 'append-audit', event: loginEvent(facts, now, { ...rest, ...link }) }
}
