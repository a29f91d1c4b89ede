import { usableDevices } from '../domain/account.ts'
import { receiveAnswer } from '../domain/answer.ts'
import type { DenialReason } from '../domain/decision.ts'
import { type CutAnswer, cutAnswer } from '../domain/password-and-code.ts'
import type { VerifyPolicy } from '../domain/standing.ts'
import { gatherFacts, gatherOrigin, type LoginOrigin, type LoginRequest } from './gather-facts.ts'
import { type LoginReport, UNKNOWN_USER } from './login-report.ts'
import type { PasswdEntry, PasswordCheck, Register } from './ports.ts'
import { type VerifyPorts, verifyLogin } from './verify-login.ts'

export interface VerifyPasswordPorts extends VerifyPorts {
  readonly register: Register
  readonly passwords: PasswordCheck
}

/** For whom no device says how long a code is. */
const USUAL_DIGITS = 6
/** For the run that is made for its time only. */
const NO_PASSWORD = Buffer.from('-')

/**
 * The auth phase where one answer holds both factors: the login password, and the code right behind
 * it. The code is looked at only once the password is right; then the login goes on as any other, with
 * a first factor that was proven here. Overwrites `typed`. Throws as `verifyLogin`.
 */
export async function verifyPasswordLogin(
  ports: VerifyPasswordPorts,
  policy: VerifyPolicy,
  request: LoginRequest,
  typed: Buffer,
): Promise<LoginReport> {
  try {
    const origin = gatherOrigin(request)
    const person = gatherFacts(ports.passwd, policy, request, origin)
    const received = receiveAnswer(typed)
    const cuts = received.kind === 'received' ? await cutFor(ports, person, received.text) : []
    const right = findRight(ports.passwords, person, cuts)
    if (person === undefined) return UNKNOWN_USER
    if (received.kind === 'unusable') return denyUnproven(received.reason)
    if (cuts.length === 0) return denyUnproven('not-a-code')
    if (right === undefined) return denyUnproven('password-wrong')
    return await verifyLogin(ports, policy, request, right.code, withPassword(origin))
  } finally {
    typed.fill(0)
  }
}

type Person = Pick<PasswdEntry, 'name'> | undefined

/** The ways to cut the answer that this person's devices allow. */
async function cutFor(
  { register }: VerifyPasswordPorts,
  person: Person,
  answer: Buffer,
): Promise<readonly CutAnswer[]> {
  const devices = person === undefined ? [] : usableDevices(await register.find(person.name))
  const lengths = devices.map(({ digits }) => digits)
  return cutAnswer(answer, lengths.length === 0 ? [USUAL_DIGITS] : lengths)
}

/** At least one password is checked, whoever it is for and whatever was typed. */
function findRight(
  passwords: PasswordCheck,
  person: Person,
  cuts: readonly CutAnswer[],
): CutAnswer | undefined {
  if (cuts.length === 0) passwords.isRight(undefined, NO_PASSWORD)
  return cuts.find(({ password }) => passwords.isRight(person?.name, password))
}

/** Nothing is charged and no row written: whoever types this has no first factor. */
function denyUnproven(reason: DenialReason): LoginReport {
  return { decision: { outcome: 'denied', reason }, facts: undefined, audit: undefined }
}

/** Where sshd has proven another factor before, that one stays on the record. */
function withPassword(origin: LoginOrigin): LoginOrigin {
  const password = { method: 'password', fingerprint: undefined, keyType: undefined }
  return { ...origin, firstFactor: origin.firstFactor ?? password, provesFirstFactor: true }
}
