import { judgeExcuse } from '../domain/excuse.ts'
import type { VerifyPolicy } from '../domain/standing.ts'
import { gatherFacts, type LoginRequest } from './gather-facts.ts'
import { FIRST_FACTOR_MISSING, type LoginReport, UNKNOWN_USER } from './login-report.ts'
import type { Now, Passwd, Register, Store } from './ports.ts'
import { transactLogin } from './transact-login.ts'

export interface ExcusePorts {
  readonly store: Store
  readonly register: Register
  readonly passwd: Passwd
  readonly now: Now
}

/**
 * The auth phase before the question: whether this login needs no code. It reads first and writes
 * only when it excuses, since it runs on every login.
 */
export async function excuseLogin(
  ports: ExcusePorts,
  policy: VerifyPolicy,
  request: LoginRequest,
): Promise<LoginReport> {
  if (request.firstFactor === undefined) return FIRST_FACTOR_MISSING
  const facts = gatherFacts(ports.passwd, policy, request)
  if (facts === undefined) return UNKNOWN_USER
  const seen = await ports.register.find(facts.name)
  const glance = judgeExcuse(seen, { facts, policy, now: ports.now() }).result
  if (glance.outcome === 'denied') return { decision: glance, facts, audit: undefined }
  const { result, audit } = await transactLogin(ports.store, { facts, policy }, judgeExcuse)
  return { decision: result, facts, audit }
}
