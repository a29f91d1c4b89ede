import { AppError } from '../base/errors.ts'
import { toPrintable } from '../base/text.ts'
import type { KnownAccount } from '../domain/account.ts'
import { type AccountName, toStoredName } from '../domain/name.ts'
import { requireKnown } from './known-account.ts'
import type { Passwd, PasswdEntry, Register } from './ports.ts'

export interface ResolvePorts {
  readonly passwd: Passwd
  readonly register: Register
}

/** The person in the passwd database, or ERR_USER_UNKNOWN. */
export function requirePerson(passwd: Passwd, text: string): PasswdEntry {
  const entry = passwd.findByName(text)
  if (entry !== undefined) return entry
  throw new AppError('ERR_USER_UNKNOWN', `no such user: ${toPrintable(text)}`, {
    hint: `see: getent passwd ${toPrintable(text)}`,
  })
}

/**
 * The account an admin means: the canonical name, or for somebody who has left the passwd database
 * the very name it is stored under. Throws ERR_USER_UNKNOWN.
 */
export async function resolveAccount(
  { passwd, register }: ResolvePorts,
  text: string,
): Promise<AccountName> {
  const entry = passwd.findByName(text)
  if (entry !== undefined) return entry.name
  const stored = toStoredName(text)
  if ((await register.find(stored)).kind === 'known') return stored
  return requirePerson(passwd, text).name
}

/** All that is stored about whom an admin means. Throws ERR_USER_UNKNOWN and ERR_ACCOUNT_UNKNOWN. */
export async function readAccount(ports: ResolvePorts, text: string): Promise<KnownAccount> {
  const name = await resolveAccount(ports, text)
  return requireKnown(await ports.register.find(name), name)
}
