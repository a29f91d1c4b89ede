import { AUDIT_ACTIONS, type AuditAction, type AuditRow } from './audit-event.ts'

/** What of logins is worth a message: rare, or without a code. */
const LOGIN_EVENTS = [
  'login-recovery',
  'login-bypass',
  'login-excused',
  'login-locked',
  'login-throttled',
] as const

type LoginEvent = (typeof LOGIN_EVENTS)[number]
/** One word for what happened: the audit's own, but for logins. Public: added to, never renamed. */
export type NotifyEvent = Exclude<AuditAction, 'login'> | LoginEvent

/** All there are, in the order in which the configuration shows them. */
export const NOTIFY_EVENTS: readonly NotifyEvent[] = [
  ...LOGIN_EVENTS,
  ...AUDIT_ACTIONS.filter((action) => action !== 'login'),
]

/** Something to be told. Gap and cut are told always: nobody can choose not to hear of them. */
export type Notice =
  | { readonly kind: 'event'; readonly event: NotifyEvent; readonly row: AuditRow }
  /** These rows went from the log, by pruning, before they were told. */
  | { readonly kind: 'gap'; readonly first: number; readonly last: number }
  /** The log ends at row `last`, before row `told`, which was told already. */
  | { readonly kind: 'cut'; readonly told: number; readonly last: number }

/** What the row tells of; `undefined`: a login as any other, or half of one. */
export function findNotifyEvent({ action, ...row }: AuditRow): NotifyEvent | undefined {
  return action === 'login' ? findLoginEvent(row) : action
}

function findLoginEvent({
  outcome,
  method,
  reason,
}: Omit<AuditRow, 'action'>): LoginEvent | undefined {
  switch (outcome) {
    case 'excused':
      return 'login-excused'
    case 'accepted':
      return LOGIN_EVENTS.find((event) => event === `login-${method}`)
    case 'denied':
      return LOGIN_EVENTS.find((event) => event === `login-${reason}`)
    default:
      return undefined
  }
}
