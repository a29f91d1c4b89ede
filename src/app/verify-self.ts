import type { Answer } from '../domain/answer.ts'
import type { Committed } from '../domain/change.ts'
import type { Decision, Denied } from '../domain/decision.ts'
import { admitInvitation, type Invited, settleInvitation } from '../domain/invitation.ts'
import type { OneTimeCodeParts } from '../domain/one-time-code.ts'
import { SELF_SERVICE } from '../domain/self-service.ts'
import type { VerifyPolicy } from '../domain/standing.ts'
import { gatherFacts, type LoginRequest } from './gather-facts.ts'
import type { PasswdEntry } from './ports.ts'
import { prove, type VerifyPorts, verifyLogin } from './verify-login.ts'

/**
 * Whether somebody holds a factor of theirs, before they may change one: judged, charged, used up and
 * recorded as at a login, of which it is one, to otpgate itself. There is no first factor in it: that
 * was proven for the session that sudo was run in.
 */
export async function verifySelf(
  ports: VerifyPorts,
  policy: VerifyPolicy,
  entry: PasswdEntry,
  answer: Answer,
): Promise<Decision> {
  const { decision } = await verifyLogin(ports, policy, toRequest(entry), answer)
  return decision
}

/**
 * Whether somebody holds the code of their invitation. It is not used up yet. Throws as `verifyLogin`.
 */
export async function verifyInvitation(
  ports: VerifyPorts,
  policy: VerifyPolicy,
  entry: PasswdEntry,
  parts: OneTimeCodeParts,
): Promise<Invited | Denied> {
  const facts = gatherFacts(ports.passwd, policy, toRequest(entry))
  if (facts === undefined) return { outcome: 'denied', reason: 'user-unknown' }
  const { result, audit } = await ports.store.transact(facts.name, (state, now) =>
    admitInvitation(state, parts, { facts, policy, now }),
  )
  if (result.outcome !== 'prove') return result
  const provenCodeId = await prove(ports.hasher, result)
  const claim = { provenCodeId, chargedAt: result.chargedAt, completes: audit?.seq }
  const settled: Committed<Invited | Denied> = await ports.store.transact(
    facts.name,
    (state, now) => settleInvitation(state, { ...claim, facts, policy, now }),
  )
  return settled.result
}

/** On the host already: no connection to bind a ticket to, and no address. */
function toRequest({ name }: PasswdEntry): LoginRequest {
  return {
    user: name,
    service: SELF_SERVICE,
    tty: undefined,
    remoteHost: undefined,
    sshConnection: undefined,
    authInfo: undefined,
  }
}
