import type { UnixSeconds } from '../base/time.ts'
import { type AccountState, countRecoveryCodes } from './account.ts'
import { ticketChanges } from './admission.ts'
import { loginEvent } from './audit-event.ts'
import type { Change, Outcome } from './change.ts'
import type { Denied, Excused } from './decision.ts'
import { isUsable } from './device.ts'
import { findExemption } from './exemption.ts'
import { findSource, rememberedUntil } from './known-source.ts'
import type { LoginFacts, LoginPolicy } from './login.ts'
import { activeOverride } from './override.ts'
import { findObstacle, type LoginInput } from './standing.ts'

/** Why a login needs no code: a decision somebody wrote down. */
export interface Excuse {
  /** Name of the `[[exempt]]` rule, or one of RESERVED_RULES, for the record. */
  readonly rule: string
  /** When it ends, where it does. */
  readonly until?: UnixSeconds
  readonly isEmergency?: true
}

const REMEMBERED = 'remembered'

/** Rules that no `[[exempt]]` may be named like. Public: added to, never renamed. */
export const RESERVED_RULES = ['waived', 'invited', REMEMBERED, 'unenrolled-allowed'] as const

/** The excuse that covers this login, if there is one; the first in the order of the table of rules. */
export function findExcuse(
  state: AccountState,
  facts: LoginFacts,
  policy: LoginPolicy,
  now: UnixSeconds,
): Excuse | undefined {
  return (
    findRuleExcuse(facts, policy) ??
    findOverrideExcuse(state, now) ??
    findMemory(state, facts, policy, now) ??
    findUnenrolledExcuse(state, policy, now)
  )
}

/** The excuse a person has wherever they log in from. */
export function findStandingExcuse(
  state: AccountState,
  policy: LoginPolicy,
  now: UnixSeconds,
): Excuse | undefined {
  return findOverrideExcuse(state, now) ?? findUnenrolledExcuse(state, policy, now)
}

/** An emergency rule that covers this login: the only excuse where the store cannot be read. */
export function findEmergency(facts: LoginFacts, { exemptions }: LoginPolicy): Excuse | undefined {
  const exemption = findExemption(
    exemptions.filter(({ isEmergency }) => isEmergency),
    facts,
  )
  return exemption && { rule: exemption.name, isEmergency: true }
}

function findRuleExcuse(facts: LoginFacts, { exemptions }: LoginPolicy): Excuse | undefined {
  const exemption = findExemption(exemptions, facts)
  if (exemption === undefined) return undefined
  return { rule: exemption.name, ...(exemption.isEmergency ? { isEmergency: true } : {}) }
}

function findOverrideExcuse(state: AccountState, now: UnixSeconds): Excuse | undefined {
  if (state.kind === 'never-known') return undefined
  const override = activeOverride(state.account.override, now)
  if (override?.kind !== 'waived' && override?.kind !== 'invited') return undefined
  return { rule: override.kind, until: override.until }
}

/** Of a source that a right code came from, for a while that an excused login never prolongs. */
function findMemory(
  state: AccountState,
  facts: LoginFacts,
  { rememberSeconds }: LoginPolicy,
  now: UnixSeconds,
): Excuse | undefined {
  if (state.kind === 'never-known') return undefined
  const source = findSource(state.sources, facts)
  const until = rememberedUntil(source, state.account.lastLoginAt, rememberSeconds, now)
  return until === undefined ? undefined : { rule: REMEMBERED }
}

function findUnenrolledExcuse(
  state: AccountState,
  policy: LoginPolicy,
  now: UnixSeconds,
): Excuse | undefined {
  if (policy.unenrolled !== 'allow' || !isUnenrolled(state, now)) return undefined
  return { rule: 'unenrolled-allowed' }
}

/**
 * Never enrolled: not known, or no enrolment was ever finished. Whoever has had a device that counted,
 * or was reset, is not: then a missing device is no excuse.
 */
function isUnenrolled(state: AccountState, now: UnixSeconds): boolean {
  if (state.kind === 'never-known') return true
  const { account, devices, oneTimeCodes } = state
  const isUntouched =
    activeOverride(account.override, now) === undefined &&
    account.enrolledAt === undefined &&
    account.lastLoginAt === undefined
  return isUntouched && !devices.some(isUsable) && countRecoveryCodes(oneTimeCodes) === 0
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
  const excuse = findExcuse(state, facts, policy.login, now)
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
    changes: [...clockMark(excuse, input.now), { kind: 'append-audit', event }],
    result: { outcome: 'excused', ...excuse },
  }
}

/** A remembered login prolongs nothing, but shows how far the clock has come: see `rememberedUntil`. */
function clockMark({ rule }: Excuse, now: UnixSeconds): readonly Change[] {
  return rule === REMEMBERED ? [{ kind: 'record-login', at: now }] : []
}
