import type { AccountState } from './account.ts'
import type { Outcome } from './change.ts'
import { chargeOneTimeCode, type ToProve } from './charge.ts'
import type { Denied } from './decision.ts'
import type { OneTimeCode, OneTimeCodeParts } from './one-time-code.ts'
import { holdsInvitation } from './self-service.ts'
import { denySettled, finalEvent, relieveBudgets, type SettleInput } from './settle.ts'
import { denyUncharged, findObstacle, type LoginInput } from './standing.ts'

/** The right invitation code. It is used up by the confirmation of a device, and lets nobody in. */
export interface Invited {
  readonly outcome: 'invited'
  readonly codeId: string
}

/**
 * The first of the two transactions that an invitation code takes, as every one-time code does: the
 * attempt is charged to the same budget, and the code named whose hash is to be compared.
 */
export function admitInvitation(
  state: AccountState,
  parts: OneTimeCodeParts,
  input: LoginInput,
): Outcome<Denied | ToProve> {
  const obstacle = findObstacle(state, input.facts)
  if (obstacle !== undefined) return denyUncharged(obstacle, input)
  if (state.kind === 'never-known') {
    return denyUncharged({ outcome: 'denied', reason: 'not-enrolled' }, input)
  }
  return chargeOneTimeCode(state, parts, input, isInvitation)
}

/** The second one: judged again, and the charge of a right code is taken back. */
export function settleInvitation(
  state: AccountState,
  input: SettleInput,
): Outcome<Invited | Denied> {
  const { provenCodeId: codeId, facts, now } = input
  const obstacle = findObstacle(state, facts)
  if (obstacle !== undefined) return denySettled(obstacle, input)
  if (
    state.kind === 'never-known' ||
    codeId === undefined ||
    !holdsInvitation(state, codeId, now)
  ) {
    return denySettled({ outcome: 'denied', reason: 'code-wrong' }, input)
  }
  return {
    changes: [
      ...relieveBudgets(state, 'invitation', input),
      finalEvent(input, { outcome: 'accepted', method: 'invitation' }),
    ],
    result: { outcome: 'invited', codeId },
  }
}

function isInvitation(code: OneTimeCode): boolean {
  return code.kind === 'invitation'
}
