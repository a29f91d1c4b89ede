import type Database from 'better-sqlite3'
import type { Now, Vault } from '../../app/ports.ts'
import { AppError } from '../../base/errors.ts'
import { plural } from '../../base/text.ts'
import type { AuditEvent } from '../../domain/audit-event.ts'
import { NOBODY } from '../../domain/name.ts'
import { openAuditWriter } from './audit-table.ts'
import { openMetaTable } from './meta-table.ts'
import { assertSchema } from './migrate.ts'
import { MIGRATIONS } from './migrations/list.ts'
import { type OpenOptions, openDatabase } from './open.ts'
import { damaged, isRow, readInteger, readText } from './row.ts'
import { toStoreError } from './sqlite-error.ts'
import { openAuditKey, writeSeals } from './storage.ts'

type FileOptions = Omit<OpenOptions, 'create'>

/** What a database says about the master keys it was sealed with. */
export interface Seals {
  /** Sealed by the key that new values are sealed with. */
  readonly keyCheck: Buffer
  readonly auditKey: Buffer
  /** How many devices there are of each key, by its id. */
  readonly devices: ReadonlyMap<string, number>
  /** A change of the key was begun, and has not been ended. */
  readonly isChanging: boolean
}

/** Takes no key; of whatever schema, since a backup may be older than the program. Throws ERR_STORE_*. */
export function readSeals(options: FileOptions): Seals {
  return withDatabase(options, (db) => {
    const read = () => {
      const meta = openMetaTable(db)
      const counts = db.prepare('SELECT key_id, count(*) AS count FROM device GROUP BY key_id')
      return {
        keyCheck: meta.read('key_check'),
        auditKey: meta.read('audit_key'),
        devices: new Map(
          counts
            .all()
            .filter(isRow)
            .map((row) => [readText(row, 'key_id'), readInteger(row, 'count')]),
        ),
        isChanging: db.prepare("SELECT 1 FROM meta WHERE key = 'key_change'").get() !== undefined,
      }
    }
    return db.transaction(read).deferred()
  })
}

/** What is written into the audit log with a change of the key, and by which clock. */
export interface KeyChangeTerms {
  readonly now: Now
  readonly event: Omit<AuditEvent, 'at'>
}

/**
 * From here on new values are sealed by `next`, and the audit key is; secrets of devices are still as they
 * were. One transaction, with a row in the audit log. Throws ERR_KEY_* and ERR_STORE_*.
 */
export function beginKeyChange(
  options: FileOptions,
  vault: Vault,
  next: Vault,
  { now, event }: KeyChangeTerms,
): void {
  change(options, (db) => {
    const auditKey = openAuditKey(db, vault)
    const bytes = auditKey.export()
    writeSeals(db, next, bytes)
    bytes.fill(0)
    openMetaTable(db).write('key_change', Buffer.from(next.keyId))
    openAuditWriter(db, auditKey).append(NOBODY, { ...event, at: now() })
  })
}

/**
 * The change is over: no device needs another key than that of `vault`, which is looked at in the same
 * transaction. Throws ERR_REFUSED where one does, ERR_KEY_* and ERR_STORE_*.
 */
export function endKeyChange(
  options: FileOptions,
  vault: Vault,
  { now, event }: KeyChangeTerms,
): void {
  change(options, (db) => {
    const left = db.prepare('SELECT count(*) AS count FROM device WHERE key_id <> ?')
    const found = left.get(vault.keyId)
    const count = isRow(found) ? readInteger(found, 'count') : damaged('device')
    if (count > 0) {
      const what = `${plural(count, 'secret')} still of another master key`
      throw new AppError('ERR_REFUSED', what, { hint: 'go on with: otpgate key rotate' })
    }
    const auditKey = openAuditKey(db, vault)
    db.prepare("DELETE FROM meta WHERE key = 'key_change'").run()
    openAuditWriter(db, auditKey).append(NOBODY, { ...event, at: now() })
  })
}

function change(options: FileOptions, act: (db: Database.Database) => void): void {
  withDatabase(options, (db) => {
    assertSchema(db, MIGRATIONS.length)
    db.transaction(() => act(db)).immediate()
  })
}

function withDatabase<T>(options: FileOptions, act: (db: Database.Database) => T): T {
  const db = openDatabase({ ...options, create: false })
  try {
    return act(db)
  } catch (error) {
    throw toStoreError(error)
  } finally {
    db.close()
  }
}
