import { judgeAccountPhase } from '../domain/account-phase.ts'
import type { VerifyPolicy } from '../domain/standing.ts'
import { gatherFacts, type LoginRequest } from './gather-facts.ts'
import { type LoginReport, UNKNOWN_USER } from './login-report.ts'
import type { Passwd, Store } from './ports.ts'
import { transactLogin } from './transact-login.ts'

export interface AccountPhasePorts {
  readonly store: Store
  readonly passwd: Passwd
}

/** The account phase: whether the ticket of this connection is there; it is used up. */
export async function checkAccount(
  ports: AccountPhasePorts,
  policy: VerifyPolicy,
  request: LoginRequest,
): Promise<LoginReport> {
  const facts = gatherFacts(ports.passwd, policy, request)
  if (facts === undefined) return UNKNOWN_USER
  const { result, audit } = await transactLogin(ports.store, { facts, policy }, judgeAccountPhase)
  return { decision: result, facts, audit }
}
