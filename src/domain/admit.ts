import { assertNever } from '../base/assert.ts'
import { acceptCode } from './accept-code.ts'
import { type AccountState, type KnownAccount, usableDevices } from './account.ts'
import type { Answer } from './answer.ts'
import type { Charged } from './attempt.ts'
import type { Outcome } from './change.ts'
import { chargeCode, chargeOneTimeCode, type ToProve } from './charge.ts'
import type { Accepted, DenialReason, Denied } from './decision.ts'
import type { Device } from './device.ts'
import { judgeCode } from './device-match.ts'
import { mayAskForCode } from './login.ts'
import { isLoginCode, type LoginCodeKind } from './one-time-code.ts'
import { denyUncharged, findObstacle, type LoginInput, openCodeBudget } from './standing.ts'

export interface AdmitInput extends LoginInput {
  readonly answer: Answer
  /** Opens the sealed secret of a device; throws when it does not open. */
  readonly openSecret: (device: Device) => Buffer
  /** The one-time codes that count here; all that let somebody in where nothing is said. */
  readonly codeKinds?: readonly LoginCodeKind[]
  /** By the same attempt before: it is not charged again. */
  readonly charged?: Charged | undefined
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
      return chargeOneTimeCode(state, answer.parts, input, (code) =>
        isLoginCode(code, input.codeKinds),
      )
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
