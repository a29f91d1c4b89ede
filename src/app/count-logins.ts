import type { UnixSeconds } from '../base/time.ts'
import type { AuditOutcome, AuditRow } from '../domain/audit-event.ts'
import type { Journal } from './ports.ts'

/** What a login may come to; `unfinished`: its end was never written. */
export type LoginCounts = Readonly<Record<Exclude<AuditOutcome, 'done'>, number>>

const PAGE = 500

/**
 * Logins since then by what they came to. Denials that share a row count as often as the row says by
 * now. Throws ERR_STORE_*.
 */
export async function countLogins(
  journal: Pick<Journal, 'read'>,
  since: UnixSeconds,
): Promise<LoginCounts> {
  const counts = { accepted: 0, excused: 0, denied: 0, unfinished: 0 }
  const open = new Set<number>()
  for await (const { seq, action, outcome, count, completes } of allRows(journal, since)) {
    if (action !== 'login' || outcome === 'done') continue
    if (outcome === 'unfinished') open.add(seq)
    else counts[outcome] += count
    // The row it finishes is half of the same login.
    if (completes !== undefined) open.delete(completes)
  }
  return { ...counts, unfinished: open.size }
}

async function* allRows(
  journal: Pick<Journal, 'read'>,
  since: UnixSeconds,
): AsyncGenerator<AuditRow> {
  let after = 0
  for (;;) {
    const page = await journal.read({ since }, after, PAGE)
    yield* page
    const last = page.at(-1)
    if (last === undefined) return
    after = last.seq
  }
}
