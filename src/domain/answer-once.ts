import { addSeconds } from '../base/time.ts'
import type { AccountState } from './account.ts'
import type { Answered, Charged, Kept } from './attempt.ts'
import type { Change, Outcome } from './change.ts'
import type { ToProve } from './charge.ts'
import type { Decision } from './decision.ts'
import { findObstacle, type LoginInput } from './standing.ts'

/** What a transaction of a login may come to. */
export type Judgement = Decision | ToProve

/** Longer than any client asks: it gives up 20 s after it began. */
export const ATTEMPT_LIFETIME_SECONDS = 60

/**
 * A yes is given once and kept: the process that gave it may have died, or been too slow, before it
 * could say so, with the code used up or the ticket gone. Whoever asks again by the same attempt, as
 * nobody else can, is answered the same, and nothing is used up a second time. A one-time code is
 * charged once as well, however often it has to be compared. A no is judged again.
 */
export function answerOnce<R extends Judgement>(
  state: AccountState,
  kept: Kept | undefined,
  input: Pick<LoginInput, 'facts' | 'now'>,
  judge: (charged: Charged | undefined) => Outcome<R>,
): Outcome<R | Answered> {
  const isBarred = findObstacle(state, input.facts) !== undefined
  if (kept !== undefined && kept.outcome !== 'charged' && !isBarred) {
    return { changes: [], result: kept }
  }
  const charged = kept?.outcome === 'charged' ? kept : undefined
  const { changes, result } = judge(charged)
  return { changes: [...changes, ...keepingChanges(result, charged, input)], result }
}

function keepingChanges(
  result: Judgement,
  charged: Charged | undefined,
  { facts, now: at }: Pick<LoginInput, 'facts' | 'now'>,
): readonly Change[] {
  const { attempt } = facts
  if (attempt === undefined) return []
  const expiresAt = addSeconds(at, ATTEMPT_LIFETIME_SECONDS)
  if (result.outcome === 'accepted' || result.outcome === 'excused') {
    return [{ kind: 'keep-answer', attempt, answer: result, at, expiresAt }]
  }
  const isCharged = result.outcome === 'prove' && charged === undefined
  return isCharged ? [{ kind: 'keep-charge', attempt, at, expiresAt }] : []
}
