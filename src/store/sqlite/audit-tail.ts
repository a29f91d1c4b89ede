import type { KeyObject } from 'node:crypto'
import type Database from 'better-sqlite3'
import type { AuditStamp } from '../../domain/change.ts'
import { GENESIS, readStamp, writeStamp } from './audit-head.ts'
import { isRow, readBytes } from './row.ts'

const KEY = 'audit_tail'

/**
 * The last row that was pruned, which the first one left follows: in `meta`, sealed as the head is. A
 * log that was never pruned has none, and follows GENESIS. Taken away, or put back to what it was
 * before, it shows: the first row does not follow it then. Throws ERR_STORE_CORRUPT for any other.
 */
export function readAuditTail(db: Database.Database, key: KeyObject): AuditStamp {
  const found = db.prepare('SELECT value FROM meta WHERE key = ?').get(KEY)
  return isRow(found) ? readStamp(key, 'tail', readBytes(found, 'value')) : GENESIS
}

/** Only within the transaction that removes the rows up to it. */
export function writeAuditTail(db: Database.Database, key: KeyObject, tail: AuditStamp): void {
  db.prepare(
    'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
  ).run(KEY, writeStamp(key, 'tail', tail))
}
