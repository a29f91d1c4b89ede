import { admit } from '../domain/admit.ts'
import type { Answer } from '../domain/answer.ts'
import type { Accepted, Decision, Denied } from '../domain/decision.ts'
import { admitInvitation, type Invited, settleInvitation } from '../domain/invitation.ts'
import type { LoginCodeKind, OneTimeCodeParts } from '../domain/one-time-code.ts'
import { SELF_SERVICE } from '../domain/self-service.ts'
import { settle } from '../domain/settle.ts'
import type { VerifyPolicy } from '../domain/standing.ts'
import { openDeviceSecret } from './device-secret.ts'
import { gatherFacts, type LoginRequest } from './gather-facts.ts'
import { type Judges, judgeAnswer } from './judge-answer.ts'
import type { PasswdEntry } from './ports.ts'
import type { VerifyPorts } from './verify-login.ts'

/**
 * The codes that are a person's own. A bypass code ends by itself, and whoever it was read out to must
 * not make a lasting factor of it.
 */
const OWN_CODES: readonly LoginCodeKind[] = ['recovery']

/**
 * Whether somebody holds a factor of theirs, before they may change one: judged, charged, used up and
 * recorded as at a login to otpgate itself, at which a bypass code counts as a wrong one. There is no
 * first factor in it: that was proven for the session that sudo was run in. Throws as `verifyLogin`.
 */
export async function verifySelf(
  ports: VerifyPorts,
  policy: VerifyPolicy,
  entry: PasswdEntry,
  answer: Answer,
): Promise<Decision> {
  const codeKinds = OWN_CODES
  return judge<Accepted>(ports, policy, entry, {
    admit: (state, input) => {
      const openSecret = openDeviceSecret(ports.vault, state)
      return admit(state, { ...input, answer, openSecret, codeKinds })
    },
    settle: (state, input) => settle(state, { ...input, codeKinds }),
  })
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
  return judge<Invited>(ports, policy, entry, {
    admit: (state, input) => admitInvitation(state, parts, input),
    settle: settleInvitation,
  })
}

async function judge<T extends Accepted | Invited>(
  ports: VerifyPorts,
  policy: VerifyPolicy,
  entry: PasswdEntry,
  judges: Judges<T>,
): Promise<T | Denied> {
  const facts = gatherFacts(ports.passwd, policy, toRequest(entry))
  if (facts === undefined) return { outcome: 'denied', reason: 'user-unknown' }
  return (await judgeAnswer(ports, policy, facts, judges)).result
}

/** On the host already: no connection to bind a ticket to, and no address. */
function toRequest({ name }: PasswdEntry): LoginRequest {
  return {
    user: name,
    service: SELF_SERVICE,
    tty: undefined,
    remoteHost: undefined,
    sshConnection: undefined,
    firstFactor: undefined,
  }
}
