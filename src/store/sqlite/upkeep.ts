import type Database from 'better-sqlite3'
import type { Upkeep } from '../../app/ports.ts'
import type { UnixSeconds } from '../../base/time.ts'
import type { openAuditWriter } from './audit-table.ts'
import type { TransactionTiming } from './batch.ts'
import { removeExpired } from './expiry.ts'
import { damaged, isRow, readBytes, toStoredTime } from './row.ts'
import { toStoreError } from './sqlite-error.ts'
import type { WithLock } from './write-lock.ts'

/** Logins wait while the log is emptied, so that waits for them in turn only for so long. */
const CHECKPOINT_MILLISECONDS = 200

type AuditWriter = Pick<ReturnType<typeof openAuditWriter>, 'endDenialCounts'>

/** Takes out of all tables what has had its time. */
export function createUpkeep(
  db: Database.Database,
  audit: AuditWriter,
  withLock: WithLock,
  { now }: Pick<TransactionTiming, 'now'>,
): Upkeep {
  return {
    async removeExpired(limit) {
      try {
        return removeExpired(db, withLock, now(), limit)
      } catch (error) {
        throw toStoreError(error)
      }
    },
    endDenialCounts: async (limit) => withLock((at) => audit.endDenialCounts(at, limit)),
    noteDone: async () => withLock((at) => saveDoneAt(db, at)),
    async findDoneAt() {
      try {
        return findDoneAt(db)
      } catch (error) {
        throw toStoreError(error)
      }
    },
    async checkpoint() {
      try {
        return checkpoint(db)
      } catch (error) {
        throw toStoreError(error)
      }
    },
  }
}

/** Seconds in digits, in `meta`; a row that is not there before it was done once. */
const DONE_AT = 'maintained_at'

function saveDoneAt(db: Database.Database, at: UnixSeconds): void {
  db.prepare(
    'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
  ).run(DONE_AT, Buffer.from(String(at)))
}

function findDoneAt(db: Database.Database): UnixSeconds | undefined {
  const found = db.prepare('SELECT value FROM meta WHERE key = ?').get(DONE_AT)
  if (!isRow(found)) return undefined
  const digits = readBytes(found, 'value').toString('latin1')
  return /^\d{1,12}$/.test(digits)
    ? toStoredTime(Number(digits), DONE_AT)
    : damaged(`meta ${DONE_AT}`)
}

/**
 * Empties the write-ahead log: what was removed would else be read from it for long. Readers and
 * writers who do not let go in time are no error; most of it is done then too.
 */
function checkpoint(db: Database.Database): boolean {
  const usual = Number(db.pragma('busy_timeout', { simple: true }))
  db.pragma(`busy_timeout = ${CHECKPOINT_MILLISECONDS}`)
  try {
    const [result] = [db.pragma('wal_checkpoint(TRUNCATE)')].flat()
    return isRow(result) && result.busy === 0
  } finally {
    db.pragma(`busy_timeout = ${usual}`)
  }
}
