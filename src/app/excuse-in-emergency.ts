import { AppError } from '../base/errors.ts'
import { findEmergency } from '../domain/excuse.ts'
import { findObstacle, type VerifyPolicy } from '../domain/standing.ts'
import { gatherFacts, type LoginRequest } from './gather-facts.ts'
import type { LoginReport } from './login-report.ts'
import type { Passwd, Register } from './ports.ts'

export interface EmergencyPorts {
  readonly passwd: Passwd
  /** `undefined`: the accounts cannot be read. */
  readonly register: Register | undefined
}

/**
 * A login that a rule marked `emergency` lets in although the store cannot be read or written: the
 * one way in that leaves no audit row. `undefined`: no such rule covers it, or what can still be read
 * bars the person. In the auth phase a first factor has to be proven, as for every excuse. Throws
 * ERR_PASSWD_FAILED.
 */
export async function excuseInEmergency(
  { passwd, register }: EmergencyPorts,
  policy: VerifyPolicy,
  request: LoginRequest,
  phase: 'auth' | 'account',
): Promise<LoginReport | undefined> {
  if (phase === 'auth' && request.firstFactor === undefined) return undefined
  const facts = gatherFacts(passwd, policy, request)
  if (facts === undefined) return undefined
  const excuse = findEmergency(facts, policy.login)
  if (excuse === undefined) return undefined
  // A full disk can be read, and without the key so can accounts: whoever is suspended stays so.
  const state = register && (await readable(register.find(facts.name)))
  if (state !== undefined && findObstacle(state, facts) !== undefined) return undefined
  return { decision: { outcome: 'excused', ...excuse }, facts, audit: undefined }
}

/** Whether key or store are what failed: no other error is an emergency. */
export function isStorageFailure(error: unknown): boolean {
  return error instanceof AppError && /^ERR_(?:STORE|KEY|SEALED)_/.test(error.code)
}

async function readable<T>(read: Promise<T>): Promise<T | undefined> {
  try {
    return await read
  } catch (error) {
    if (isStorageFailure(error)) return undefined
    throw error
  }
}
