import { admit } from '../domain/admit.ts'
import type { Answer } from '../domain/answer.ts'
import type { Decision } from '../domain/decision.ts'
import { judgeExcuse } from '../domain/excuse.ts'
import type { LoginFacts } from '../domain/login.ts'
import { settle } from '../domain/settle.ts'
import type { VerifyPolicy } from '../domain/standing.ts'
import { openDeviceSecret } from './device-secret.ts'
import type { Hasher, Now, Register, Vault } from './ports.ts'

/** What judging needs; none of it can write. */
export interface TryPorts {
  readonly register: Register
  readonly vault: Vault
  readonly hasher: Hasher
  readonly now: Now
}

/**
 * What a login would come to: with an answer the verdict on it, without one whether an excuse would
 * let it pass. Nothing is charged, used up or recorded. It runs the very judgements of a login and
 * drops the changes they ask for.
 */
export async function tryLogin(
  ports: TryPorts,
  policy: VerifyPolicy,
  facts: LoginFacts,
  answer: Answer | undefined,
): Promise<Decision> {
  const state = await ports.register.find(facts.name)
  const input = { facts, policy, now: ports.now() }
  if (answer === undefined) return judgeExcuse(state, input).result
  const openSecret = openDeviceSecret(ports.vault, state)
  const { result } = admit(state, { ...input, answer, openSecret })
  if (result.outcome !== 'prove') return result
  const isRight = await ports.hasher.verify(result.candidate?.hash, result.secret)
  const provenCodeId = isRight ? result.candidate?.codeId : undefined
  return settle(state, {
    ...input,
    provenCodeId,
    chargedAt: result.chargedAt,
    completes: undefined,
  }).result
}
