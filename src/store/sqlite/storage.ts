import { createSecretKey, type KeyObject } from 'node:crypto'
import type Database from 'better-sqlite3'
import type { Journal, RandomBytes, Register, Store, Upkeep, Vault } from '../../app/ports.ts'
import { GENESIS, writeAuditHead } from './audit-head.ts'
import { createStore, type TransactionTiming } from './batch.ts'
import { createJournal } from './journal.ts'
import { openMetaTable } from './meta-table.ts'
import { assertSchema, awaitSchema, migrate } from './migrate.ts'
import { MIGRATIONS } from './migrations/list.ts'
import { emptyLog, type OpenOptions, openDatabase } from './open.ts'
import { createRegister } from './register.ts'
import { toStoreError } from './sqlite-error.ts'
import { openAccountTables, openTables } from './tables.ts'
import { createUpkeep } from './upkeep.ts'
import { createWriteLock } from './write-lock.ts'

/** What the file offers, until it is closed. */
export interface Storage {
  readonly store: Store
  readonly register: Register
  readonly journal: Journal
  readonly upkeep: Upkeep
  /** A value of the master key that new secrets are to be sealed with. */
  readonly keyCheck: Buffer
  readonly close: () => void
}

export interface StorageOptions extends Omit<OpenOptions, 'create'>, TransactionTiming {
  /** How long to wait for the migration of an upgrade, in milliseconds. */
  readonly schemaMilliseconds?: number
}

const KEY_CHECK = Buffer.from('otpgate')
const AUDIT_KEY_BYTES = 32

/** Opens an existing file. Throws ERR_STORE_*, and ERR_KEY_WRONG when it belongs to another key. */
export function openStorage(options: StorageOptions, vault: Vault): Storage {
  const db = openDatabase({ ...options, create: false })
  try {
    awaitSchema(db, MIGRATIONS.length, options.schemaMilliseconds ?? 0)
    assertSchema(db, MIGRATIONS.length)
    // Read before all else: whatever is sealed from now on is sealed by the key that it names.
    const keyCheck = openMetaTable(db).read('key_check')
    const auditKey = openAuditKey(db, vault)
    const tables = openTables(db, auditKey, keyCheck)
    const chain = { db, key: auditKey, append: tables.audit.append }
    const withLock = createWriteLock(db, options)
    return {
      store: createStore(db, tables, options),
      register: createRegister(db, tables),
      journal: createJournal(chain, withLock),
      upkeep: createUpkeep(db, tables.audit, withLock, options),
      keyCheck,
      close: () => db.close(),
    }
  } catch (error) {
    db.close()
    throw toStoreError(error)
  }
}

/** An existing file as far as it can be read without any key. */
export interface KeylessStorage {
  readonly register: Register
  readonly close: () => void
}

/** Opens the accounts alone, for where the key is lost. Throws ERR_STORE_*. */
export function openKeylessStorage(options: Omit<OpenOptions, 'create'>): KeylessStorage {
  const db = openDatabase({ ...options, create: false })
  try {
    assertSchema(db, MIGRATIONS.length)
    return { register: createRegister(db, openAccountTables(db)), close: () => db.close() }
  } catch (error) {
    db.close()
    throw toStoreError(error)
  }
}

/**
 * Makes the file (`create`; its log is empty then), or brings an older one to the newest schema. Returns how many migrations
 * ran: 0 when there was nothing to do. Throws as `openStorage` does; a file that was cut to nothing
 * is damage, and is not begun anew.
 */
export function initStorage(options: OpenOptions, vault: Vault, randomBytes: RandomBytes): number {
  const db = openDatabase(options)
  try {
    const ran = migrate(db, MIGRATIONS, () => seed(db, vault, randomBytes))
    openAuditKey(db, vault)
    if (options.create) emptyLog(db)
    return ran
  } catch (error) {
    throw toStoreError(error)
  } finally {
    db.close()
  }
}

/** Writes down which master key new values are sealed with, and the audit key sealed by it. */
export function writeSeals(db: Database.Database, vault: Vault, auditKey: Buffer): void {
  const meta = openMetaTable(db)
  meta.write('key_check', vault.seal(KEY_CHECK, { kind: 'key-check' }))
  meta.write('audit_key', vault.seal(auditKey, { kind: 'audit-key' }))
}

/** Throws ERR_KEY_WRONG when the file belongs to another key. */
export function openAuditKey(db: Database.Database, vault: Vault): KeyObject {
  const meta = openMetaTable(db)
  vault.open(meta.read('key_check'), { kind: 'key-check' })
  const key = vault.open(meta.read('audit_key'), { kind: 'audit-key' })
  try {
    return createSecretKey(key)
  } finally {
    key.fill(0)
  }
}

function seed(db: Database.Database, vault: Vault, randomBytes: RandomBytes): void {
  const auditKey = randomBytes(AUDIT_KEY_BYTES)
  writeSeals(db, vault, auditKey)
  openMetaTable(db).write('audit_head', writeAuditHead(createSecretKey(auditKey), GENESIS))
}
