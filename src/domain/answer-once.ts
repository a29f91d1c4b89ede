import { addSeconds } from '../base/time.ts'
import type { AccountState } from './account.ts'
import type { Answered } from './attempt.ts'
import type { Outcome } from './change.ts'
import type { ToProve } from './charge.ts'
import type { Decision } from './decision.ts'
import { findObstacle, type LoginInput } from './standing.ts'

/** What a transaction of a login may come to. */
export type Judgement = Decision | ToProve

/** Longer than any client asks: it gives up 20 s after it began. */
const ANSWER_LIFETIME_SECONDS = 60

/**
 * A yes is given once and kept: the process that gave it may have died, or been too slow, before it
 * could say so, with the code used up or the ticket gone. Whoever asks again by the same attempt, as
 * nobody else can, is answered the same, and nothing is used up a second time. A no is judged again.
 */
export function answerOnce<R extends Judgement>(
  state: AccountState,
  answered: Answered | undefined,
  { facts, now }: Pick<LoginInput, 'facts' | 'now'>,
  judge: () => Outcome<R>,
): Outcome<R | Answered> {
  const { attempt } = facts
  if (answered !== undefined && findObstacle(state, facts) === undefined) {
    return { changes: [], result: answered }
  }
  const { changes, result } = judge()
  const isYes = result.outcome === 'accepted' || result.outcome === 'excused'
  if (attempt === undefined || !isYes) return { changes, result }
  const expiresAt = addSeconds(now, ANSWER_LIFETIME_SECONDS)
  return {
    changes: [...changes, { kind: 'keep-answer', attempt, answer: result, at: now, expiresAt }],
    result,
  }
}
