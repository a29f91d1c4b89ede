import type Database from 'better-sqlite3'
import type { AuditVerification, Vault } from '../../app/ports.ts'
import { AppError } from '../../base/errors.ts'
import type { UnixSeconds } from '../../base/time.ts'
import { assertSchema } from './migrate.ts'
import { MIGRATIONS } from './migrations/list.ts'
import { type OpenOptions, openDatabase } from './open.ts'
import { assertOwnSchema } from './own-schema.ts'
import { readPast } from './past.ts'
import { isWhole } from './present.ts'
import { findNewestAt } from './prune.ts'
import { damaged, isRow, readInteger } from './row.ts'
import { toStoreError } from './sqlite-error.ts'
import { openAuditKey } from './storage.ts'
import { verifyChain } from './verify-chain.ts'

type FileOptions = Omit<OpenOptions, 'create'>

/**
 * Writes all that is committed at one moment into `target`, an empty file, while others go on; nothing
 * that was deleted is in it. It is not synced. Throws ERR_STORE_*.
 */
export function copyDatabase(options: FileOptions, target: string): void {
  const db = openDatabase({ ...options, create: false })
  try {
    db.prepare('VACUUM INTO ?').run(target)
  } catch (error) {
    throw toStoreError(error)
  } finally {
    db.close()
  }
}

/** What is in a database that is whole. */
export interface Inspection {
  readonly people: number
  readonly audit: AuditVerification
  /** When its newest audit row was written, records of pruning aside. */
  readonly newestAt: UnixSeconds | undefined
  /** What stands in it and cannot be read, in words. */
  readonly unread: readonly string[]
}

/**
 * Looks at every page, index and reference, and at every row of the audit log. Throws ERR_STORE_* where
 * the file is damaged or has anything in it that this program does not make, and ERR_KEY_WRONG.
 */
export function inspectDatabase(options: FileOptions, vault: Vault): Inspection {
  return looking(options, (db) => {
    assertWhole(db)
    assertOwnSchema(db, options.nativeBinding)
    const key = openAuditKey(db, vault)
    const count = db.prepare('SELECT count(*) AS people FROM account').get()
    return {
      people: isRow(count) ? readInteger(count, 'people') : damaged('account'),
      audit: verifyChain(db, key),
      newestAt: findNewestAt(db),
      unread: readPast(db).unread,
    }
  })
}

/** The sealed key of the audit log: nothing without the master key, and with it all to check a log by. */
export function readSealedAuditKey(options: FileOptions): Buffer {
  return lookingAtAny(options, (db) => {
    const value = db.prepare("SELECT value FROM meta WHERE key = 'audit_key'").pluck().get()
    return Buffer.isBuffer(value) ? value : damaged('meta audit_key')
  })
}

function looking<T>(options: FileOptions, look: (db: Database.Database) => T): T {
  return lookingAtAny(options, (db) => {
    assertSchema(db, MIGRATIONS.length)
    return look(db)
  })
}

/** Of whatever schema: a backup may be older than the program. */
function lookingAtAny<T>(options: FileOptions, look: (db: Database.Database) => T): T {
  const db = openDatabase({ ...options, create: false })
  try {
    return look(db)
  } catch (error) {
    throw toStoreError(error)
  } finally {
    db.close()
  }
}

function assertWhole(db: Database.Database): void {
  if (!isWhole(db)) throw new AppError('ERR_STORE_CORRUPT', 'the database is damaged')
}
