import type { UnixSeconds } from '../base/time.ts'
import type { Change } from './change.ts'
import { findSourceKey } from './known-source.ts'
import type { LoginFacts } from './login.ts'
import { issueTicket, type ProofMethod } from './ticket.ts'

/** What every proven login leaves: when it was, and the ticket for its account phase. */
export function admissionChanges(
  facts: LoginFacts,
  method: ProofMethod,
  now: UnixSeconds,
): readonly Change[] {
  return [
    { kind: 'record-login', at: now },
    ...sourceChanges(facts, method, now),
    ...ticketChanges(facts, method, now),
  ]
}

/** The ticket for the account phase, where there is a connection to bind it to. */
export function ticketChanges(
  facts: LoginFacts,
  method: ProofMethod,
  now: UnixSeconds,
): readonly Change[] {
  const { connection, provesFirstFactor } = facts
  if (connection === undefined) return []
  const ticket = issueTicket(connection, { method, provesFirstFactor }, now)
  return [{ kind: 'put-ticket', ticket, at: now }]
}

/** Only a person's own devices and codes make a source known: a bypass code is anybody's to read out. */
function sourceChanges(
  facts: LoginFacts,
  method: ProofMethod,
  now: UnixSeconds,
): readonly Change[] {
  const key = findSourceKey(facts)
  if (key === undefined || method === 'bypass' || method === 'excuse') return []
  return [{ kind: 'put-source', source: { ...key, lastSuccessAt: now, rememberedAt: now } }]
}
