import type { UnixSeconds } from '../base/time.ts'
import type { AuditRow } from '../domain/audit-event.ts'
import { findNotifyEvent, type Notice, type NotifyEvent } from '../domain/notify-event.ts'
import type { Matter } from '../domain/telling.ts'
import type { Outbox } from './ports.ts'

/** A place in the log. `at`: of its row. */
export interface Place {
  readonly seq: number
  readonly at: UnixSeconds | undefined
  /** `undefined`: nothing that is to be told. */
  readonly notice: Notice | undefined
}

const PAGE = 500

/**
 * What is to be told of a matter that was put off: of a row that is gone since, that it is; `undefined`:
 * nobody wants to hear of it any more.
 */
export async function findNotice(
  outbox: Pick<Outbox, 'readRows'>,
  { kind, seq, from }: Matter,
  events: readonly NotifyEvent[],
): Promise<Notice | undefined> {
  if (kind === 'cut') return { kind, told: from, last: seq }
  if (kind === 'gap') return { kind, first: from, last: seq }
  const [row] = await outbox.readRows(seq - 1, 1)
  if (row?.seq !== seq) return { kind: 'gap', first: seq, last: seq }
  return toPlace(row, events).notice
}

/** What has to be known to find it again. */
export function toMatter(notice: Notice): Matter {
  if (notice.kind === 'cut') return { kind: 'cut', seq: notice.last, from: notice.told }
  if (notice.kind === 'gap') return { kind: 'gap', seq: notice.last, from: notice.first }
  return { kind: 'event', seq: notice.row.seq, from: notice.row.seq }
}

/** All that is behind row `through`, in its order; a long log is never held in memory. */
export async function* readNotices(
  outbox: Pick<Outbox, 'readRows' | 'findLastSeq'>,
  through: number,
  events: readonly NotifyEvent[],
): AsyncGenerator<Place> {
  const last = await outbox.findLastSeq()
  if (last < through) {
    yield { seq: last, at: undefined, notice: { kind: 'cut', told: through, last } }
    return
  }
  let after = through
  for (;;) {
    const page = await outbox.readRows(after, PAGE)
    for (const row of page) {
      if (row.seq > after + 1) yield toGap(after + 1, row)
      yield toPlace(row, events)
      after = row.seq
    }
    if (page.length === 0) return
  }
}

function toGap(first: number, { seq, at }: AuditRow): Place {
  const last = seq - 1
  return { seq: last, at, notice: { kind: 'gap', first, last } }
}

function toPlace(row: AuditRow, events: readonly NotifyEvent[]): Place {
  const { seq, at } = row
  const event = findNotifyEvent(row)
  const isWanted = event !== undefined && events.includes(event)
  return { seq, at, notice: isWanted ? { kind: 'event', event, row } : undefined }
}
