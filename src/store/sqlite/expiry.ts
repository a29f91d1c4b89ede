import type Database from 'better-sqlite3'
import type { Removal } from '../../app/ports.ts'
import { DAY_SECONDS, type UnixSeconds } from '../../base/time.ts'
import { KNOWN_SOURCE_SECONDS } from '../../domain/known-source.ts'
import { damaged, isRow, type Row } from './row.ts'
import type { WithLock } from './write-lock.ts'

/** Rows of one table that have an end. */
interface Expiring {
  /** One of them, in words. */
  readonly what: string
  readonly table: string
  readonly key: readonly string[]
  /** SQL for the first second in which a row is of no use; NULL: it has no end. */
  readonly end: string
  /** How much longer it stays. */
  readonly keptSeconds: number
}

/** So long `otpgate bypass list` still shows what was issued, next to what the log says of it. */
const OVER_CODE_SECONDS = 30 * DAY_SECONDS

/**
 * Of recovery codes there are ten, which `recovery new` replaces as a set: they stay, so that
 * `recovery show` tells when each was used.
 */
const CODE_END = `CASE WHEN kind = 'recovery' THEN NULL
  WHEN uses_left = 0 THEN coalesce(last_used_at, created_at) ELSE expires_at END`

/** Every kind of row that ends by itself: a further table is a line here. */
const EXPIRING: readonly Expiring[] = [
  { what: 'ticket', table: 'ticket', key: ['account', 'connection'], ...endsAt('expires_at') },
  { what: 'attempt', table: 'attempt', key: ['account', 'id'], ...endsAt('expires_at') },
  {
    what: 'one-time code',
    table: 'one_time_code',
    key: ['id'],
    ...endsAt(CODE_END, OVER_CODE_SECONDS),
  },
  {
    what: 'known source',
    table: 'known_source',
    key: ['account', 'network', 'first_factor'],
    // Remembered for at most as long as it is known.
    ...endsAt('max(last_success_at, coalesce(remembered_at, 0))', KNOWN_SOURCE_SECONDS),
  },
]

function endsAt(end: string, keptSeconds = 0): Pick<Expiring, 'end' | 'keptSeconds'> {
  return { end, keptSeconds }
}

/**
 * Removes at most `limit` rows of each kind that are over. They are looked for before the lock is
 * taken: a table of a million rows would hold up every login. Under it each is judged once more.
 */
export function removeExpired(
  db: Database.Database,
  withLock: WithLock,
  now: UnixSeconds,
  limit: number,
): readonly Removal[] {
  return EXPIRING.map((kind) => {
    const { what, table, key, end, keptSeconds } = kind
    const isOver = `${end} <= :now - ${keptSeconds}`
    const select = db.prepare(`SELECT ${key.join(', ')} FROM ${table} WHERE ${isOver} LIMIT :limit`)
    const found = select.all({ now, limit }).map((row) => (isRow(row) ? row : damaged(table)))
    if (found.length === 0) return { what, rows: 0 }
    const one = key.map((column) => `${column} = :${column}`).join(' AND ')
    const remove = db.prepare(`DELETE FROM ${table} WHERE ${one} AND ${isOver}`)
    const removeAll = (rows: readonly Row[], at: UnixSeconds) =>
      rows.reduce((removed, row) => removed + remove.run({ ...row, now: at }).changes, 0)
    return { what, rows: withLock((at) => removeAll(found, at)) }
  })
}
