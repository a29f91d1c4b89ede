import { excuseInEmergency, isStorageFailure } from './excuse-in-emergency.ts'
import type { LoginCase } from './judge-login.ts'
import type { LoginReport } from './login-report.ts'
import type { Passwd, Register } from './ports.ts'

/** The accounts as far as they can be read without a key. */
export interface ReadableAccounts {
  readonly register: Register
  readonly close: () => void
}

/** What is left where the store has failed. */
export interface RescuePorts {
  readonly passwd: Passwd
  /** `undefined`: it was not opened. */
  readonly register: Register | undefined
  readonly openAccounts: () => ReadableAccounts
}

/**
 * Break glass: no code is asked where the store fails (`error`) and a rule says so; a code is never
 * taken. `undefined`: it does not help here. Throws ERR_PASSWD_FAILED.
 */
export async function findRescue(
  error: unknown,
  { passwd, register, openAccounts }: RescuePorts,
  { mode, policy, request }: LoginCase,
): Promise<LoginReport | undefined> {
  if (!isStorageFailure(error) || (mode !== 'excused' && mode !== 'account')) return undefined
  const phase = mode === 'account' ? 'account' : 'auth'
  const accounts = register === undefined ? tryOpen(openAccounts) : undefined
  try {
    const readable = register ?? accounts?.register
    return await excuseInEmergency({ passwd, register: readable }, policy, request, phase)
  } finally {
    accounts?.close()
  }
}

function tryOpen(open: () => ReadableAccounts): ReadableAccounts | undefined {
  try {
    return open()
  } catch (error) {
    if (isStorageFailure(error)) return undefined
    throw error
  }
}
