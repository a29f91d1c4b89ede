import { assertNever } from '../base/assert.ts'
import type { UnixSeconds } from '../base/time.ts'
import { type AccountState, type KnownAccount, usableDevices } from './account.ts'
import { admissionChanges } from './admission.ts'
import type { Answer } from './answer.ts'
import { loginEvent } from './audit-event.ts'
import type { Outcome } from './change.ts'
import type { Accepted, DenialReason, Denied } from './decision.ts'
import type { Device } from './device.ts'
import { judgeCode } from './device-match.ts'
import { mayAskForCode } from './login.ts'
import { isSpendable, type OneTimeCodeParts } from './one-time-code.ts'
import { denyUncharged, findObstacle, type LoginInput, openBudget } from './standing.ts'
import { chargeThrottle, succeedThrottle, type ThrottleState } from './throttle.ts'

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
      return admitOneTimeCode(state, answer.parts, input)
    default:
      return assertNever(answer)
  }
}

function admitCode(state: KnownAccount, code: string, input: AdmitInput): Outcome<Admission> {
  const devices = usableDevices(state)
  const deny = (reason: DenialReason) => denyUncharged({ outcome: 'denied', reason }, input)
  if (devices.length === 0) return deny('not-enrolled')
  const budget = openBudget(state, 'code', input)
  if (budget.kind === 'spent') return budget.outcome
  const { now, openSecret } = input
  const verdict = judgeCode(devices, code, { now, openSecret, window: input.policy.window })
  switch (verdict.kind) {
    case 'right':
      return acceptCode(verdict.device, verdict.step, budget.throttle, input)
    case 'replayed':
      return deny('code-replayed')
    case 'clock-behind':
      return deny('clock-behind')
    case 'wrong':
      return chargeCode(budget.throttle, input)
    default:
      return assertNever(verdict)
  }
}

function acceptCode(
  device: Device,
  step: number,
  throttle: ThrottleState,
  input: AdmitInput,
): Outcome<Accepted> {
  const { facts, policy, now } = input
  const isFirstUse = device.confirmedAt === undefined
  const event = loginEvent(facts, now, {
    outcome: 'accepted',
    method: 'totp',
    device: device.label,
  })
  const relieved = succeedThrottle(throttle, policy.throttle, now)
  return {
    changes: [
      { kind: 'accept-step', deviceId: device.id, step, at: now },
      ...(isFirstUse ? [{ kind: 'confirm-device', deviceId: device.id, at: now } as const] : []),
      { kind: 'set-throttle', budget: 'code', throttle: relieved },
      ...admissionChanges(facts, 'totp', now),
      { kind: 'append-audit', event },
    ],
    result: { outcome: 'accepted', method: 'totp', device: device.label },
  }
}

function chargeCode(throttle: ThrottleState, input: AdmitInput): Outcome<Denied> {
  const { facts, policy, now } = input
  const event = loginEvent(facts, now, { outcome: 'denied', method: 'totp', reason: 'code-wrong' })
  const charged = chargeThrottle(throttle, policy.throttle, now)
  return {
    changes: [
      { kind: 'set-throttle', budget: 'code', throttle: charged },
      { kind: 'append-audit', event },
    ],
    result: { outcome: 'denied', reason: 'code-wrong' },
  }
}

function admitOneTimeCode(
  state: KnownAccount,
  parts: OneTimeCodeParts,
  input: AdmitInput,
): Outcome<Admission> {
  const budget = openBudget(state, 'oneTimeCode', input)
  if (budget.kind === 'spent') return budget.outcome
  const { facts, policy, now } = input
  const candidate = state.oneTimeCodes.find(
    (code) => code.selector === parts.selector && isSpendable(code, now),
  )
  const event = loginEvent(facts, now, { outcome: 'unfinished', method: 'recovery' })
  const charged = chargeThrottle(budget.throttle, policy.throttle, now)
  return {
    changes: [
      { kind: 'set-throttle', budget: 'oneTimeCode', throttle: charged },
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
