import type { AccountState } from './account.ts'
import { ticketChanges } from './admission.ts'
import { loginEvent } from './audit-event.ts'
import type { Outcome } from './change.ts'
import type { Denied, Excused } from './decision.ts'
import { isUsable } from './device.ts'
import type { LoginPolicy } from './login.ts'
import { findObstacle, type LoginInput } from './standing.ts'

/** Why a login needs no code: a decision somebody wrote down. */
export interface Excuse {
  /** Name of the rule, for the record. */
  readonly rule: 'unenrolled-allowed'
}

/** The excuse that covers this login, if there is one. */
export function findExcuse(state: AccountState, policy: LoginPolicy): Excuse | undefined {
  if (policy.unenrolled !== 'allow' || !isUnenrolled(state)) return undefined
  return { rule: 'unenrolled-allowed' }
}

/**
 * Never enrolled: not known, or an enrolment was begun and none ever finished. Whoever has proven a
 * device once, or was reset, is not: then a missing device is no excuse. Nor is an account without
 * any device: no command leaves one, so it has lost what it had.
 */
function isUnenrolled(state: AccountState): boolean {
  if (state.kind === 'never-known') return true
  const { account, devices, oneTimeCodes } = state
  const isUntouched = account.override === undefined && account.lastLoginAt === undefined
  const isBegun = devices.length > 0 && !devices.some(isUsable)
  return isUntouched && isBegun && oneTimeCodes.length === 0
}

/**
 * Whether the auth phase may be left without a code: only with an excuse, and only where sshd has
 * proven a first factor, or an excuse would be no factor at all. A refusal here leads to the
 * question for a code, so it changes nothing and leaves no record.
 */
export function judgeExcuse(state: AccountState, input: LoginInput): Outcome<Excused | Denied> {
  const { facts, policy, now } = input
  const obstacle = findObstacle(state, facts)
  if (obstacle !== undefined) return { changes: [], result: obstacle }
  if (facts.firstFactor === undefined) {
    return { changes: [], result: { outcome: 'denied', reason: 'first-factor-missing' } }
  }
  const excuse = findExcuse(state, policy.login)
  if (excuse === undefined) {
    return { changes: [], result: { outcome: 'denied', reason: 'not-excused' } }
  }
  const granted = grantExcuse(excuse, input)
  return {
    ...granted,
    changes: [...ticketChanges(facts, 'excuse', now), ...granted.changes],
  }
}

/** Lets somebody in by `excuse`, on the record. */
export function grantExcuse(excuse: Excuse, input: LoginInput): Outcome<Excused> {
  const { rule } = excuse
  const event = loginEvent(input.facts, input.now, { outcome: 'excused', method: 'excuse', rule })
  return {
    changes: [{ kind: 'append-audit', event }],
    result: { outcome: 'excused', rule },
  }
}
