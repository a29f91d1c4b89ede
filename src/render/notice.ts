import { assertNever } from '../base/assert.ts'
import { plural, toPrintable } from '../base/text.ts'
import { formatTime } from '../base/time.ts'
import type { AuditRow } from '../domain/audit-event.ts'
import type { Notice, NotifyEvent } from '../domain/notify-event.ts'

/** What happened to whom: `USER` is put in. */
const WORDS: Readonly<Record<NotifyEvent, string>> = {
  'login-recovery': 'USER logged in with a recovery code',
  'login-bypass': 'USER logged in with a bypass code',
  'login-excused': 'USER logged in without a code',
  'login-locked': 'USER was turned away: locked after too many wrong codes',
  'login-throttled': 'USER was turned away: has to wait after too many wrong codes',
  enroll: 'USER was enrolled',
  confirm: 'USER confirmed a device',
  'show-secret': 'the QR code of USER was shown again',
  reset: 'USER was reset',
  unlock: 'USER was unlocked',
  'recovery-new': 'USER got new recovery codes',
  invite: 'USER was invited and needs no code for now',
  waive: 'USER needs no code for now',
  'waive-clear': 'USER needs a code again',
  suspend: 'USER was suspended',
  resume: 'USER is no longer suspended',
  remove: 'USER was removed',
  rebind: 'USER was moved to another uid',
  bypass: 'a bypass code was issued for USER',
  'bypass-revoke': 'a bypass code of USER was taken back',
  'source-revoke': 'a known address of USER was forgotten',
  'device-add': 'a device was added for USER',
  'device-rename': 'a device of USER was renamed',
  'device-remove': 'a device of USER was removed',
  'device-resync': 'a device of USER was followed anew',
  'audit-prune': 'old rows of the audit log were removed',
  'key-rotate': 'the master key was changed',
  'key-export': 'the master key was put on paper',
  'key-import': 'the master key was typed in again',
  restore: 'a backup was put in the place of the database',
}

/** One line of printable ASCII for people, which begins with the host. */
export function renderNotice(notice: Notice, host: string): string {
  return `${toPrintable(host)}: ${describe(notice)}`
}

function describe(notice: Notice): string {
  switch (notice.kind) {
    case 'event':
      return describeEvent(notice.event, notice.row)
    case 'gap': {
      const { first, last } = notice
      const went = `${plural(last - first + 1, 'row')} of the audit log`
      return `${went}, ${first} to ${last}, went before anybody was told of them`
    }
    case 'cut':
      return `the audit log ends at row ${notice.last}, before row ${notice.told}, which was told: check it with otpgate audit verify`
    default:
      return assertNever(notice)
  }
}

function describeEvent(event: NotifyEvent, row: AuditRow): string {
  const what = WORDS[event].replace('USER', () => toPrintable(row.account))
  const refused = row.action !== 'login' && row.outcome === 'denied' ? ' (refused)' : ''
  const times = row.count === 1 ? '' : ` (${row.count} times)`
  const details = row.action === 'login' ? loginDetails(row) : adminDetails(row)
  return [`${what}${refused}${times}`, ...details, formatTime(row.at)].join(', ')
}

/** The reason of a login is in the words already. */
function loginDetails({ rule, address, service }: AuditRow): readonly string[] {
  return [
    ...(rule === undefined ? [] : [`by the rule ${quote(rule)}`]),
    ...(address === undefined ? [] : [`from ${toPrintable(address)}`]),
    ...(service === undefined ? [] : [`service ${toPrintable(service)}`]),
  ]
}

function adminDetails({ device, address, actor, reason }: AuditRow): readonly string[] {
  return [
    ...(device === undefined ? [] : [`device ${quote(device)}`]),
    ...(address === undefined ? [] : [`address ${toPrintable(address)}`]),
    `by ${toPrintable(actor)}`,
    ...(reason === undefined ? [] : [`reason ${quote(reason)}`]),
  ]
}

function quote(text: string): string {
  return `"${toPrintable(text).replaceAll('"', '\\x22')}"`
}
