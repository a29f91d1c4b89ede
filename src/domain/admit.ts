import { assertNever } from '../base/assert.ts'
import type { UnixSeconds } from '../base/time.ts'
import { type AccountState, type KnownAccount, usableDevices } from './account.ts'
import { admissionChanges } from './admission.ts'
import type { Answer } from './answer.ts'
import { loginEvent } from './audit-event.ts'
import type { Change, Outcome } from './change.ts'
import type { Accepted, DenialReason, Denied } from './decision.ts'
import type { Device } from './device.ts'
import { judgeCode, narrowWindow } from './device-match.ts'
import { driftChanges } from './drift.ts'
import { mayAskForCode } from './login.ts'
import {
  isLoginCode,
  isSpendable,
  type OneTimeCode,
  type OneTimeCodeParts,
} from './one-time-code.ts'
import { overrideAfterEnrolling } from './override.ts'
import {
  type BudgetVerdict,
  budgetPolicy,
  denyUncharged,
  findObstacle,
  type LoginInput,
  openBudget,
  openCodeBudget,
} from './standing.ts'
import {
  chargeThrottle,
  judgeThrottle,
  succeedThrottle,
  type ThrottlePolicy,
  type ThrottleState,
} from './throttle.ts'

export interface AdmitInput extends LoginInput {
  readonly answer: Answer
  /** Opens the sealed secret of a device; throws when it does not open. */
  readonly openSecret: (device: Device) => Buffer
}

/** The one stored code whose hash is to be compared, outside the transaction; charged already. */
export interface ToProve {
  readonly outcome: 'prove'
  /** `undefined`: no stored code has this selector, and the comparison is for show. */
  readonly candidate: { readonly codeId: string; readonly hash: string } | undefined
  readonly secret: string
  readonly chargedAt: UnixSeconds
}

export type Admission = Accepted | Denied | ToProve

/**
 * Judges an answer as far as one transaction can. A code is decided here; for a one-time code the
 * attempt is charged and its candidate named, so that a slow hash is compared outside, and neither
 * parallel attempts nor a crash get a guess for free.
 */
export function admit(state: AccountState, input: AdmitInput): Outcome<Admission> {
  const { facts, answer, policy } = input
  const deny = (reason: DenialReason) => denyUncharged({ outcome: 'denied', reason }, input)
  const obstacle = findObstacle(state, facts)
  if (obstacle !== undefined) return denyUncharged(obstacle, input)
  if (!mayAskForCode(facts, policy.login)) return deny('first-factor-missing')
  if (answer.kind === 'unusable') return deny(answer.reason)
  if (state.kind === 'never-known') return deny('not-enrolled')
  switch (answer.kind) {
    case 'code':
      return admitCode(state, answer.code, input)
    case 'one-time-code':
      return chargeOneTimeCode(state, answer.parts, input, isLoginCode)
    default:
      return assertNever(answer)
  }
}

function admitCode(state: KnownAccount, code: string, input: AdmitInput): Outcome<Admission> {
  const devices = usableDevices(state)
  const deny = (reason: DenialReason) => denyUncharged({ outcome: 'denied', reason }, input)
  if (devices.length === 0) return deny('not-enrolled')
  const budget = openCodeBudget(state, input)
  if (budget.kind === 'spent') return budget.outcome
  const { now, openSecret } = input
  const verdict = judgeCode(devices, code, { now, openSecret, window: input.policy.window })
  switch (verdict.kind) {
    case 'right':
      return acceptCode(state, verdict, budget, input)
    case 'replayed':
      return deny('code-replayed')
    case 'clock-behind':
      return deny('clock-behind')
    case 'wrong':
      return chargeCode(budget, input)
    default:
      return assertNever(verdict)
  }
}

type OpenBudget = Extract<BudgetVerdict, { kind: 'open' }>

function acceptCode(
  state: KnownAccount,
  { device, step }: { readonly device: Device; readonly step: number },
  { budget, throttle }: OpenBudget,
  input: AdmitInput,
): Outcome<Accepted> {
  const { facts, policy, now } = input
  const method = device.kind
  const event = loginEvent(facts, now, { outcome: 'accepted', method, device: device.label })
  const relieved = succeedThrottle(throttle, budgetPolicy(budget, policy.throttle), now)
  const window = narrowWindow(usableDevices(state), policy.window)
  return {
    changes: [
      { kind: 'accept-step', deviceId: device.id, step, at: now },
      ...firstUseChanges(state, device, now),
      ...driftChanges(device, step, window, now),
      { kind: 'set-throttle', budget, throttle: relieved },
      ...admissionChanges(facts, method, now),
      { kind: 'append-audit', event },
    ],
    result: { outcome: 'accepted', method, device: device.label },
  }
}

function firstUseChanges(
  { account }: KnownAccount,
  device: Device,
  now: UnixSeconds,
): readonly Change[] {
  if (device.confirmedAt !== undefined) return []
  return [
    { kind: 'confirm-device', deviceId: device.id, at: now },
    { kind: 'set-override', override: overrideAfterEnrolling(account.override) },
  ]
}

function chargeCode({ budget, throttle }: OpenBudget, input: AdmitInput): Outcome<Denied> {
  const { facts, now } = input
  const policy = budgetPolicy(budget, input.policy.throttle)
  const event = loginEvent(facts, now, { outcome: 'denied', method: 'code', reason: 'code-wrong' })
  const charged = chargeThrottle(throttle, policy, now)
  return {
    changes: [
      { kind: 'set-throttle', budget, throttle: charged },
      ...lockChanges(charged, policy, now),
      { kind: 'append-audit', event },
    ],
    result: { outcome: 'denied', reason: 'code-wrong' },
  }
}

/** Whoever has failed so often may not be who was remembered. */
function lockChanges(
  charged: ThrottleState,
  policy: ThrottlePolicy,
  now: UnixSeconds,
): readonly Change[] {
  const isLocked = judgeThrottle(charged, policy, now).kind === 'locked'
  return isLocked ? [{ kind: 'unremember-sources' }] : []
}

/** Names the stored code that `parts` may be, among those that are meant here. */
export function chargeOneTimeCode(
  state: KnownAccount,
  parts: OneTimeCodeParts,
  input: LoginInput,
  isMeant: (code: OneTimeCode) => boolean,
): Outcome<Denied | ToProve> {
  const budget = openBudget(state, 'oneTimeCode', input)
  if (budget.kind === 'spent') return budget.outcome
  const { facts, policy, now } = input
  const candidate = state.oneTimeCodes.find(
    (code) => code.selector === parts.selector && isMeant(code) && isSpendable(code, now),
  )
  const event = loginEvent(facts, now, { outcome: 'unfinished', method: 'one-time-code' })
  const charged = chargeThrottle(budget.throttle, policy.throttle, now)
  return {
    changes: [
      { kind: 'set-throttle', budget: 'oneTimeCode', throttle: charged },
      ...lockChanges(charged, policy.throttle, now),
      { kind: 'append-audit', event },
    ],
    result: {
      outcome: 'prove',
      candidate: candidate && { codeId: candidate.id, hash: candidate.hash },
      secret: parts.secret,
      chargedAt: now,
    },
  }
}
