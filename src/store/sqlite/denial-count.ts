import type Database from 'better-sqlite3'
import type { CountedDenial } from '../../app/ports.ts'
import { addSeconds, type UnixSeconds } from '../../base/time.ts'
import { COUNTED_DENIAL_SECONDS } from '../../domain/audit-event.ts'
import { isRow, type Row, readInteger, readText, readTime } from './row.ts'

/** Equal denials that had no row of their own, and whose they are. */
interface DenialCount extends CountedDenial {
  readonly account: string
}

/**
 * Takes out at most `limit` counts whose hour is over: the next equal denial begins anew in any case.
 * One of a time to come stays, until a denial or that time ends it.
 */
export function endCounts(
  db: Database.Database,
  now: UnixSeconds,
  limit: number,
): readonly DenialCount[] {
  const begun = addSeconds(now, -COUNTED_DENIAL_SECONDS)
  const select = db.prepare('SELECT * FROM counted_denial WHERE since < ? ORDER BY since LIMIT ?')
  const ended = select.all(begun, limit).filter(isRow).map(toCount)
  const remove = db.prepare('DELETE FROM counted_denial WHERE account = ? AND reason = ?')
  for (const { account, reason } of ended) remove.run(account, reason)
  return ended
}

function toCount(found: Row): DenialCount {
  return { account: readText(found, 'account'), ...toCountedDenial(found) }
}

/** A row of the `counted_denial` table. */
export function toCountedDenial(found: Row): CountedDenial {
  return {
    reason: readText(found, 'reason'),
    since: readTime(found, 'since'),
    lastAt: readTime(found, 'last_at'),
    count: readInteger(found, 'count'),
  }
}
