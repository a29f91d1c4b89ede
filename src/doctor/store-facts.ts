import { allAccounts, checkSecrets } from '../app/check-secrets.ts'
import type { Journal, Passwd, Register, Vault } from '../app/ports.ts'
import { AppError } from '../base/errors.ts'
import type { AccountName } from '../domain/name.ts'
import type { Person } from '../host/login-person.ts'
import type { AccountFacts, OwnedDevice, StoreFacts } from './facts.ts'

const PAGE = 500
/** As many as a busy day has; all of them is for `audit verify`. */
const AUDIT_ROWS = 1000

/** What of an open database is looked at. */
export interface DoctorPorts {
  readonly register: Register
  readonly journal: Journal
  readonly vault: Vault
}

/** A database that opens, and cannot be read to its end, is broken all the same. */
export async function readStoreFacts(
  ports: DoctorPorts | AppError,
  passwd: Passwd,
  people: readonly Person[],
): Promise<StoreFacts> {
  if (ports instanceof AppError) return { kind: 'failed', error: ports }
  const { register, journal, vault } = ports
  try {
    return {
      kind: 'open',
      accounts: await listAccounts(register, passwd, people),
      devices: await listDevices(register),
      secrets: await checkSecrets(register, vault),
      auditEnd: await journal.verifyEnd(AUDIT_ROWS),
    }
  } catch (error) {
    if (error instanceof AppError) return { kind: 'failed', error }
    throw error
  }
}

async function listAccounts(
  register: Register,
  passwd: Passwd,
  people: readonly Person[],
): Promise<readonly AccountFacts[]> {
  const uids = new Map(people.map(({ name, uid }) => [name, uid]))
  const accounts: AccountFacts[] = []
  let after: AccountName | undefined
  do {
    const page = await register.page(after, PAGE)
    for (const summary of page) {
      const { name } = summary.account
      // A directory may not enumerate its people: those are asked for by name.
      const uidNow: number | undefined = uids.get(name) ?? passwd.findByName(name)?.uid
      accounts.push({ ...summary, uidNow })
    }
    after = page.at(-1)?.account.name
  } while (after !== undefined)
  return accounts
}

async function listDevices(register: Register): Promise<readonly OwnedDevice[]> {
  const owned: OwnedDevice[] = []
  for await (const { account, devices } of allAccounts(register)) {
    owned.push(...devices.map((device) => ({ owner: account.name, device })))
  }
  return owned
}
