import type { AccountState } from './account.ts'
import type { Outcome } from './change.ts'
import type { Accepted, Denied, Excused } from './decision.ts'
import { findExcuse, grantExcuse } from './excuse.ts'
import { mayAskForCode } from './login.ts'
import { denyUncharged, findObstacle, type LoginInput } from './standing.ts'
import { findTicket } from './ticket.ts'

/**
 * The account phase: every way into an SSH session comes through here, also those that never met
 * our question. It wants the ticket that the auth phase left for this very connection, and uses it
 * up; without one, only a written excuse helps.
 */
export function judgeAccountPhase(
  state: AccountState,
  input: LoginInput,
): Outcome<Accepted | Excused | Denied> {
  const { facts, policy, now } = input
  const obstacle = findObstacle(state, facts)
  if (obstacle !== undefined) return denyUncharged(obstacle, input)
  const ticket = findTicket(state.tickets, facts.connection, now)
  if (ticket !== undefined && (ticket.provesFirstFactor || mayAskForCode(facts, policy.login))) {
    return {
      changes: [{ kind: 'consume-ticket', connection: ticket.connection }],
      result: { outcome: 'accepted', method: ticket.method },
    }
  }
  const excuse = findExcuse(state, facts, policy.login, now)
  if (excuse !== undefined) return grantExcuse(excuse, input)
  return denyUncharged({ outcome: 'denied', reason: 'ticket-missing' }, input)
}
