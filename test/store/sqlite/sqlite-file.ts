import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import type { Vault } from '../../../src/app/ports.ts'
import type { Change } from '../../../src/domain/change.ts'
import {
  initStorage,
  openStorage,
  type Storage,
  type StorageOptions,
} from '../../../src/store/sqlite/storage.ts'
import { createVault } from '../../../src/vault/keyring.ts'
import { ALICE, always, at } from '../sample.ts'

export const NATIVE_BINDING = fileURLToPath(
  new URL(
    `../../../node_modules/better-sqlite3/prebuilds/linux-${process.arch}.node`,
    import.meta.url,
  ),
)
export const MASTER_KEY = Buffer.alloc(32, 7)
/** Longer than any test takes: a lock that is given back is waited for. */
const PATIENT_MILLISECONDS = 20_000

export interface FileOptions extends Partial<StorageOptions> {
  readonly vault?: Vault
}

/** Makes a database in a new file; returns how many migrations ran. */
export function initFile(path: string, vault = createVault(MASTER_KEY)): number {
  return initStorage({ ...fileOptions(path), create: !existsSync(path) }, vault, randomBytes)
}

/** Opens a file that `initFile` made. */
export function openFile(path: string, { vault, ...options }: FileOptions = {}): Storage {
  const all = { ...fileOptions(path), now: () => at(0), beforeCommit: () => {}, ...options }
  return openStorage(all, vault ?? createVault(MASTER_KEY))
}

/** Opens the file, saves the changes to alice's account in one transaction, and closes it. */
export async function saveInFile(path: string, ...changes: readonly Change[]): Promise<void> {
  const { store, close } = openFile(path)
  try {
    await store.transact(ALICE, always(...changes))
  } finally {
    close()
  }
}

/** Does to the file what the store itself never would, as somebody who can write it. */
export function tamper(path: string, action: (db: Database.Database) => void): void {
  const db = openRaw(path)
  try {
    action(db)
  } finally {
    db.close()
  }
}

/** A connection past the store; the caller closes it. */
export function openRaw(path: string): Database.Database {
  return new Database(path, { nativeBinding: NATIVE_BINDING })
}

export function fileOptions(path: string) {
  return { path, nativeBinding: NATIVE_BINDING, busyMilliseconds: PATIENT_MILLISECONDS }
}
