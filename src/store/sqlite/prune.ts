import type { KeyObject } from 'node:crypto'
import type Database from 'better-sqlite3'
import type { PrunableRows, PruneOrder } from '../../app/ports.ts'
import { AppError } from '../../base/errors.ts'
import type { UnixSeconds } from '../../base/time.ts'
import { type AuditEvent, pruneEvent } from '../../domain/audit-event.ts'
import type { AuditStamp } from '../../domain/change.ts'
import { NOBODY } from '../../domain/name.ts'
import { readAuditTail, writeAuditTail } from './audit-tail.ts'
import { damaged, isRow, readInteger, readTime } from './row.ts'
import { checkLink } from './verify-chain.ts'

// Statements are prepared where they are needed: every login opens the file, and prunes nothing.

/**
 * As `Journal.findNewestAt`. By seq: a row of a clock that was ahead is the newest only until the next.
 * Maintenance writes records of pruning itself: under a wrong clock they bear witness to it alone.
 */
export function findNewestAt(db: Database.Database): UnixSeconds | undefined {
  const newest = db.prepare(
    "SELECT at FROM audit WHERE action <> 'audit-prune' ORDER BY seq DESC LIMIT 1",
  )
  const found = newest.get()
  return isRow(found) ? readTime(found, 'at') : undefined
}

/**
 * As `Journal.findPrunable`. Rows are only ever added behind, so what it finds may still go later.
 */
export function findPrunable(
  db: Database.Database,
  before: UnixSeconds,
  now: UnixSeconds,
): PrunableRows | undefined {
  // By seq, not by the index of times: it ends at the first row that stays, or that goes.
  const held = db.prepare(
    `SELECT seq FROM audit WHERE +at BETWEEN :before AND :now
     UNION ALL SELECT max(seq) FROM audit ORDER BY seq LIMIT 1`,
  )
  const last = db.prepare(
    'SELECT seq FROM audit WHERE seq < :end AND +at < :before ORDER BY seq DESC LIMIT 1',
  )
  const end = held.get({ before, now })
  if (!isRow(end) || end.seq === null) return undefined
  const found = last.get({ end: readInteger(end, 'seq'), before })
  if (!isRow(found)) return undefined
  const through = readInteger(found, 'seq')
  const count = db.prepare('SELECT count(*) AS rows FROM audit WHERE seq <= ?').get(through)
  return isRow(count) ? { rows: readInteger(count, 'rows'), through } : damaged('audit')
}

/** What `pruneFront` works on. */
export interface Chain {
  readonly db: Database.Database
  readonly key: KeyObject
  /** Adds a row at the other end. */
  readonly append: (account: string, event: AuditEvent) => AuditStamp
}

/**
 * As `Journal.prune`, within a transaction. The rows are checked before they go: an edit that nobody
 * has found yet would else be covered up.
 */
export function pruneFront(
  { db, key, append }: Chain,
  order: PruneOrder,
  limit: number,
  now: UnixSeconds,
): number {
  const { through, before } = order
  const tail = readAuditTail(db, key)
  const front = db.prepare(
    `SELECT * FROM audit WHERE seq <= ? AND seq < (SELECT max(seq) FROM audit)
     ORDER BY seq LIMIT ?`,
  )
  const last = findSoundEnd(front.all(through, limit), tail, key)
  if (last.seq === tail.seq) return 0
  db.prepare('DELETE FROM audit WHERE seq <= ?').run(last.seq)
  writeAuditTail(db, key, last)
  append(NOBODY, pruneEvent({ first: tail.seq + 1, last: last.seq, before }, order, now))
  return last.seq - tail.seq
}

/** The last of the rows. Throws ERR_STORE_CORRUPT unless all of them follow each other from `tail` on. */
function findSoundEnd(rows: readonly unknown[], tail: AuditStamp, key: KeyObject): AuditStamp {
  let last = tail
  for (const found of rows) {
    if (!isRow(found)) return damaged('audit')
    const seq = readInteger(found, 'seq')
    const link = checkLink(found, last, key)
    if (link.kind === 'flawed') throw flawed(seq, link.what)
    last = { seq, hash: link.hash }
  }
  return last
}

function flawed(seq: number, what: string): AppError {
  return new AppError('ERR_STORE_CORRUPT', `row ${seq} of the audit log is not sound: ${what}`, {
    hint: 'it is not pruned, so that it can be looked into; see: otpgate audit verify',
  })
}
