import { Command, Option } from 'commander'
import type { AccountSummary } from '../../app/ports.ts'
import { allAccounts, FEW_RECOVERY_CODES } from '../../app/survey-accounts.ts'
import { addSeconds, parseDuration, toUnixSeconds, type UnixSeconds } from '../../base/time.ts'
import type { AccountStatus } from '../../domain/account.ts'
import { roughly } from '../../domain/message.ts'
import { renderRelativeTime } from '../../render/duration.ts'
import { optionalTime, statusView, throttleView } from '../account-view.ts'
import { type Cli, type CommonOptions, type Session, withSession } from '../context.ts'
import { printTable } from '../print-table.ts'
import { printJsonArray } from '../report.ts'

const STATUSES = [
  'enrolled',
  'unconfirmed',
  'invited',
  'waived',
  'suspended',
  'must-enroll',
] as const satisfies readonly AccountStatus[]

interface ListOptions extends CommonOptions {
  readonly status?: AccountStatus
  readonly locked?: true
  readonly unused?: string
  readonly fewRecovery?: true
  readonly orphaned?: true
}

type Row = ReturnType<typeof toRow>

/** `otpgate list` */
export function listCommand(cli: Cli): Command {
  return new Command('list')
    .description('who is enrolled, and who needs attention; several filters must all hold')
    .addOption(new Option('--status <status>', 'only with this status').choices(STATUSES))
    .option(
      '--locked',
      'only those whose codes, of some kind or from some side, are not judged now',
    )
    .option('--unused <duration>', 'only those without a login for so long, such as 90d')
    .option('--few-recovery', `only those with fewer than ${FEW_RECOVERY_CODES} recovery codes`)
    .option('--orphaned', 'only those who are no longer in the passwd database')
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<ListOptions>()
      await withSession(cli, options, (session) => list(cli, session, options))
    })
}

async function list(cli: Cli, session: Session, options: ListOptions): Promise<void> {
  const now = session.ports.now()
  const rows = selectRows(session, options, now)
  if (options.json) return printJsonArray(cli, rows)
  const cells: string[][] = []
  for await (const row of rows) cells.push(toCells(row, now))
  if (cells.length === 0) {
    cli.talk('nobody')
    return
  }
  const headers = ['user', 'status', 'devices', 'recovery', 'failures', 'lock ends', 'last login']
  printTable(cli, headers, cells)
}

async function* selectRows(
  session: Session,
  options: ListOptions,
  now: UnixSeconds,
): AsyncGenerator<Row> {
  const isWanted = toFilter(session, options, now)
  for await (const summary of allAccounts(session.ports.register)) {
    const row = toRow(summary, session, now)
    if (isWanted(row, summary)) yield row
  }
}

function toFilter(
  { ports }: Session,
  { status, locked, unused, fewRecovery, orphaned }: ListOptions,
  now: UnixSeconds,
): (row: Row, summary: AccountSummary) => boolean {
  const unusedSince = unused === undefined ? undefined : addSeconds(now, -parseDuration(unused))
  return (row, { account }) =>
    (status === undefined || row.status === status) &&
    (!locked || lockOf(row) !== null) &&
    (unusedSince === undefined || (account.lastLoginAt ?? account.createdAt) < unusedSince) &&
    (!fewRecovery || row.recovery_codes_left < FEW_RECOVERY_CODES) &&
    (!orphaned || ports.passwd.findByName(account.name) === undefined)
}

function toRow(summary: AccountSummary, { policy }: Session, now: UnixSeconds) {
  const { account, devices, recoveryCodesLeft } = summary
  return {
    user: account.name,
    uid: account.uid,
    ...statusView(account, devices, now),
    devices: devices.length,
    recovery_codes_left: recoveryCodesLeft,
    ...throttleView(account, policy.throttle, now),
    last_login: optionalTime(account.lastLoginAt),
  }
}

/** Distances, not times: a lock and a login have to fit into 80 columns. `show` has the times. */
function toCells(row: Row, now: UnixSeconds): string[] {
  const lock = lockOf(row)
  return [
    row.user,
    statusCell(row, now),
    String(row.devices),
    String(row.recovery_codes_left),
    failureCell(row),
    lock === null ? '-' : (relative(lock.until, now) ?? 'by unlock'),
    relative(row.last_login, now) ?? 'never',
  ]
}

/** The first there is: codes over SSH matter most. */
function lockOf(row: Row): Row['lock'] {
  return row.lock ?? row.recovery_lock ?? row.known_source_lock ?? row.local_lock
}

function statusCell({ status, status_until: until }: Row, now: UnixSeconds): string {
  return until === null ? status : `${status} (${roughly(toTime(until) - now)})`
}

function failureCell(row: Row): string {
  const {
    failures,
    recovery_failures: recovery,
    known_source_failures: known,
    local_failures: local,
  } = row
  const parts = [
    ...(failures === 0 ? [] : [`${failures}`]),
    ...(recovery === 0 ? [] : [`${recovery} recovery`]),
    ...(known === 0 ? [] : [`${known} known source`]),
    ...(local === 0 ? [] : [`${local} local`]),
  ]
  return parts.join(', ') || '0'
}

function relative(time: string | null, now: UnixSeconds): string | undefined {
  if (time === null) return undefined
  return renderRelativeTime(toTime(time), now)
}

function toTime(text: string): UnixSeconds {
  return toUnixSeconds(Date.parse(text) / 1000)
}
