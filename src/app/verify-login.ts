import { type Admission, admit } from '../domain/admit.ts'
import type { Answer } from '../domain/answer.ts'
import { loginEvent } from '../domain/audit-event.ts'
import type { Committed } from '../domain/change.ts'
import type { ToProve } from '../domain/charge.ts'
import type { Accepted, Denied } from '../domain/decision.ts'
import { type LoginFacts, mayAskForCode } from '../domain/login.ts'
import { NOBODY } from '../domain/name.ts'
import { type SettleInput, settle } from '../domain/settle.ts'
import type { VerifyPolicy } from '../domain/standing.ts'
import { openDeviceSecret } from './device-secret.ts'
import { gatherFacts, gatherOrigin, type LoginOrigin, type LoginRequest } from './gather-facts.ts'
import { FIRST_FACTOR_MISSING, type LoginReport, UNKNOWN_USER } from './login-report.ts'
import type { Hasher, Passwd, Store, Vault } from './ports.ts'

export interface VerifyPorts {
  readonly store: Store
  readonly vault: Vault
  readonly hasher: Hasher
  readonly passwd: Passwd
}

/**
 * The auth phase with an answer: facts, admit, prove, settle; the caller reports. Whatever is
 * accepted has been committed when this resolves. Throws an AppError when anything is broken, which
 * the caller takes for a denial.
 */
export async function verifyLogin(
  ports: VerifyPorts,
  policy: VerifyPolicy,
  request: LoginRequest,
  answer: Answer,
  origin: LoginOrigin = gatherOrigin(request),
): Promise<LoginReport> {
  if (!mayAskForCode(origin, policy.login)) return FIRST_FACTOR_MISSING
  const facts = gatherFacts(ports.passwd, policy, request, origin)
  if (facts === undefined) {
    await levelTime(ports.hasher, origin, answer)
    return countStranger(ports, origin)
  }
  const { result, audit } = await runAdmit(ports, policy, facts, answer)
  if (result.outcome !== 'prove') {
    await levelTime(ports.hasher, origin, answer)
    return { decision: result, facts, audit }
  }
  const provenCodeId = await prove(ports.hasher, result)
  const claim = { provenCodeId, chargedAt: result.chargedAt, completes: audit?.seq }
  const settled = await runSettle(ports, policy, facts, claim)
  return { decision: settled.result, facts, audit: settled.audit }
}

function runAdmit(
  ports: VerifyPorts,
  policy: VerifyPolicy,
  facts: LoginFacts,
  answer: Answer,
): Promise<Committed<Admission>> {
  return ports.store.transact(facts.name, (state, now) => {
    const openSecret = openDeviceSecret(ports.vault, state)
    return admit(state, { facts, answer, policy, now, openSecret })
  })
}

/**
 * A name that the host does not know takes one write where no first factor is proven, as every other
 * denial does there. All such names share a record: strangers must not fill the disk with them.
 */
async function countStranger({ store }: VerifyPorts, origin: LoginOrigin): Promise<LoginReport> {
  if (origin.firstFactor !== undefined) return UNKNOWN_USER
  const reason = 'user-unknown'
  const { audit } = await store.transact(NOBODY, (_, now) => {
    const event = { ...loginEvent(origin, now, { outcome: 'denied' }), reason }
    return { changes: [{ kind: 'count-denial', event }], result: undefined }
  })
  return { ...UNKNOWN_USER, audit }
}

/**
 * Where a code may be typed before a first factor is proven, a one-time code takes one hash whoever
 * it is for: the time must not tell who exists, is enrolled or locked.
 */
async function levelTime(hasher: Hasher, origin: LoginOrigin, answer: Answer): Promise<void> {
  if (answer.kind !== 'one-time-code' || origin.firstFactor !== undefined) return
  await hasher.verify(undefined, answer.parts.secret)
}

/** Outside any transaction: the slow hash, exactly one, also where no code has the selector. */
export async function prove(hasher: Hasher, claim: ToProve): Promise<string | undefined> {
  const isRight = await hasher.verify(claim.candidate?.hash, claim.secret)
  return isRight ? claim.candidate?.codeId : undefined
}

function runSettle(
  ports: VerifyPorts,
  policy: VerifyPolicy,
  facts: LoginFacts,
  claim: Pick<SettleInput, 'provenCodeId' | 'chargedAt' | 'completes'>,
): Promise<Committed<Accepted | Denied>> {
  return ports.store.transact(facts.name, (state, now) =>
    settle(state, { ...claim, facts, policy, now }),
  )
}
