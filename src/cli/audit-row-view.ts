import type { AuditFilter, Journal } from '../app/ports.ts'
import { formatTime } from '../base/time.ts'
import type { AuditRow } from '../domain/audit-event.ts'

/** A row as `--json` prints it: public, fields are added and never renamed. */
export function toAuditRowView(row: AuditRow) {
  const { firstFactor, previousHash, hash, account, at, seq, ...rest } = row
  return {
    seq,
    at: formatTime(at),
    user: account,
    ...rest,
    ...(firstFactor === undefined ? {} : { first_factor: firstFactor }),
    previous_hash: previousHash,
    hash,
  }
}

const PAGE = 500

/** Rows in order, a page at a time: a long log is never held in memory. */
export async function* readAllRows(
  journal: Journal,
  filter: AuditFilter,
): AsyncGenerator<AuditRow> {
  let after = 0
  for (;;) {
    const page = await journal.read(filter, after, PAGE)
    yield* page
    const last = page.at(-1)
    if (last === undefined) return
    after = last.seq
  }
}
