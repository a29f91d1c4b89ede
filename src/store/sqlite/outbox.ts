import type Database from 'better-sqlite3'
import type { Outbox } from '../../app/ports.ts'
import type { Telling } from '../../domain/telling.ts'
import { toAuditRow } from './audit-row.ts'
import type { TransactionTiming } from './batch.ts'
import { assertSchema } from './migrate.ts'
import { MIGRATIONS } from './migrations/list.ts'
import { type OpenOptions, openDatabase } from './open.ts'
import { damaged, isRow, readInteger } from './row.ts'
import { toStoreError } from './sqlite-error.ts'
import { findTelling, saveTelling } from './telling.ts'
import { createWriteLock } from './write-lock.ts'

interface OutboxOptions extends Omit<OpenOptions, 'create'>, TransactionTiming {}

/** An existing file as far as its log is to be told. Throws ERR_STORE_*. */
export function openOutbox(options: OutboxOptions): Outbox & { readonly close: () => void } {
  const db = openDatabase({ ...options, create: false })
  try {
    assertSchema(db, MIGRATIONS.length)
    return { ...createOutbox(db, options), close: () => db.close() }
  } catch (error) {
    db.close()
    throw toStoreError(error)
  }
}

function createOutbox(db: Database.Database, timing: TransactionTiming): Outbox {
  const select = db.prepare('SELECT * FROM audit WHERE seq > ? ORDER BY seq LIMIT ?')
  const last = db.prepare('SELECT coalesce(max(seq), 0) AS seq FROM audit')
  const withLock = createWriteLock(db, timing)
  return {
    read: async () => asStoreError(() => findTelling(db)),
    save: async (telling: Telling) => withLock(() => saveTelling(db, telling)),
    readRows: async (afterSeq, limit) =>
      asStoreError(() => select.all(afterSeq, limit).filter(isRow).map(toAuditRow)),
    findLastSeq: async () =>
      asStoreError(() => {
        const found = last.get()
        return isRow(found) ? readInteger(found, 'seq') : damaged('audit')
      }),
  }
}

function asStoreError<T>(act: () => T): T {
  try {
    return act()
  } catch (error) {
    throw toStoreError(error)
  }
}
