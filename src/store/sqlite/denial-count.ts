import type Database from 'better-sqlite3'
import { addSeconds, type UnixSeconds } from '../../base/time.ts'
import { COUNTED_DENIAL_SECONDS } from '../../domain/audit-event.ts'
import { isRow, type Row, readInteger, readText, readTime } from './row.ts'

/** Equal denials that had no row of their own. */
interface DenialCount {
  readonly account: string
  readonly reason: string
  readonly lastAt: UnixSeconds
  readonly count: number
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
  return {
    account: readText(found, 'account'),
    reason: readText(found, 'reason'),
    lastAt: readTime(found, 'last_at'),
    count: readInteger(found, 'count'),
  }
}
