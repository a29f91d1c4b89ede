import type { UnixSeconds } from '../base/time.ts'
import type { KnownAccount } from './account.ts'
import type { Charged } from './attempt.ts'
import { loginEvent } from './audit-event.ts'
import type { Change, Outcome } from './change.ts'
import type { Denied } from './decision.ts'
import { isSpendable, type OneTimeCode, type OneTimeCodeParts } from './one-time-code.ts'
import {
  budgetPolicy,
  type LoginInput,
  type OpenBudget,
  oneTimeBudget,
  openBudget,
} from './standing.ts'
import { chargeThrottle, judgeThrottle } from './throttle.ts'

/** The one stored code whose hash is to be compared, outside the transaction; charged already. */
export interface ToProve {
  readonly outcome: 'prove'
  /** `undefined`: no stored code has this selector, and the comparison is for show. */
  readonly candidate: { readonly codeId: string; readonly hash: string } | undefined
  readonly secret: string
  readonly chargedAt: UnixSeconds
  /** Audit row of the charge, where an earlier transaction has made it. */
  readonly completes?: number | undefined
}

/** Denies a wrong code of a device, which costs one attempt. */
export function chargeCode(open: OpenBudget, input: LoginInput): Outcome<Denied> {
  const { facts, now } = input
  const event = loginEvent(facts, now, { outcome: 'denied', method: 'code', reason: 'code-wrong' })
  return {
    changes: [...chargeChanges(open, input), { kind: 'append-audit', event }],
    result: { outcome: 'denied', reason: 'code-wrong' },
  }
}

/**
 * Names the stored code that `parts` may be, among those that are meant here. The attempt is charged
 * before its hash is compared, and taken back where it was right.
 */
export function chargeOneTimeCode(
  state: KnownAccount,
  parts: OneTimeCodeParts,
  input: LoginInput & { readonly charged?: Charged | undefined },
  isMeant: (code: OneTimeCode) => boolean,
): Outcome<Denied | ToProve> {
  const { facts, now, charged } = input
  const candidate = state.oneTimeCodes.find(
    (code) => code.selector === parts.selector && isMeant(code) && isSpendable(code, now),
  )
  const toProve = {
    outcome: 'prove',
    candidate: candidate && { codeId: candidate.id, hash: candidate.hash },
    secret: parts.secret,
  } as const
  if (charged !== undefined) return { changes: [], result: { ...charged, ...toProve } }
  const budget = openBudget(state, oneTimeBudget(facts), input)
  if (budget.kind === 'spent') return budget.outcome
  const event = loginEvent(facts, now, { outcome: 'unfinished', method: 'one-time-code' })
  return {
    changes: [...chargeChanges(budget, input), { kind: 'append-audit', event }],
    result: { ...toProve, chargedAt: now },
  }
}

/** Whoever has failed so often may not be who was remembered. */
function chargeChanges(open: OpenBudget, { policy, now }: LoginInput): readonly Change[] {
  const { budget } = open
  const limits = budgetPolicy(budget, policy.throttle)
  const throttle = chargeThrottle(open.throttle, limits, now)
  const isLocked = judgeThrottle(throttle, limits, now).kind === 'locked'
  return [
    { kind: 'set-throttle', budget, throttle },
    ...(isLocked ? [{ kind: 'unremember-sources' } as const] : []),
  ]
}
