import { admit } from '../domain/admit.ts'
import type { Answer } from '../domain/answer.ts'
import { answerOnce } from '../domain/answer-once.ts'
import type { Answered } from '../domain/attempt.ts'
import { loginEvent } from '../domain/audit-event.ts'
import { mayAskForCode } from '../domain/login.ts'
import { NOBODY } from '../domain/name.ts'
import { settle } from '../domain/settle.ts'
import type { VerifyPolicy } from '../domain/standing.ts'
import { openDeviceSecret } from './device-secret.ts'
import { gatherFacts, gatherOrigin, type LoginOrigin, type LoginRequest } from './gather-facts.ts'
import { judgeAnswer } from './judge-answer.ts'
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
  const { result, audit, tookHash } = await judgeAnswer<Answered>(ports, policy, facts, {
    admit: (state, input, kept) => {
      const openSecret = openDeviceSecret(ports.vault, state)
      return answerOnce(state, kept, input, (charged) =>
        admit(state, { ...input, answer, openSecret, charged }),
      )
    },
    settle: (state, input, kept) => answerOnce(state, kept, input, () => settle(state, input)),
  })
  if (!tookHash) await levelTime(ports.hasher, origin, answer)
  return { decision: result, facts, audit }
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
