import { assertNever } from '../base/assert.ts'
import type { Notice } from '../domain/notify-event.ts'
import { renderNotice } from '../render/notice.ts'
import { toAuditRowView } from './audit-row-view.ts'
import { toAsciiJson } from './report.ts'

/** What the admin's command gets. */
export interface NotifyMessage {
  readonly event: string
  /** One line of JSON. Public: fields are added and never renamed. */
  readonly json: string
}

/** A row as `otpgate audit --json` has it, with what it means in words. */
export function toNotifyMessage(notice: Notice, host: string): NotifyMessage {
  const { event, ...fields } = toFields(notice)
  const text = renderNotice(notice, host)
  return { event, json: `${toAsciiJson({ event, host, text, ...fields })}\n` }
}

function toFields(notice: Notice) {
  switch (notice.kind) {
    case 'event':
      return { event: notice.event, ...toAuditRowView(notice.row) }
    case 'gap':
      return { event: 'log-gap', first: notice.first, last: notice.last }
    case 'cut':
      return { event: 'log-cut', told: notice.told, last: notice.last }
    default:
      return assertNever(notice)
  }
}
