import type { UnixSeconds } from '../base/time.ts'
import type { Change } from './change.ts'
import type { LoginFacts } from './login.ts'
import { issueTicket, type ProofMethod } from './ticket.ts'

/** What every proven login leaves: when it was, and the ticket for its account phase. */
export function admissionChanges(
  facts: LoginFacts,
  method: ProofMethod,
  now: UnixSeconds,
): readonly Change[] {
  return [{ kind: 'record-login', at: now }, ...ticketChanges(facts, method, now)]
}

/** The ticket for the account phase, where there is a connection to bind it to. */
export function ticketChanges(
  facts: LoginFacts,
  method: ProofMethod,
  now: UnixSeconds,
): readonly Change[] {
  const { connection } = facts
  if (connection === undefined) return []
  return [{ kind: 'put-ticket', ticket: issueTicket(connection, method, now), at: now }]
}
