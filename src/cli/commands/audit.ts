import { Command } from 'commander'
import type { AuditFilter } from '../../app/ports.ts'
import { resolveAccount } from '../../app/resolve-account.ts'
import { parsePast } from '../../base/point-in-time.ts'
import { plural } from '../../base/text.ts'
import { formatTime } from '../../base/time.ts'
import type { AuditRow } from '../../domain/audit-event.ts'
import { renderTable } from '../../render/table.ts'
import { readAllRows, toAuditRowView } from '../audit-row-view.ts'
import { type Cli, type CommonOptions, type Session, withSession } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { printJson, printJsonArray } from '../report.ts'
import { auditExportCommand } from './audit-export.ts'
import { auditPruneCommand } from './audit-prune.ts'

interface AuditOptions extends CommonOptions {
  readonly since?: string
  readonly withoutCode?: true
}

/** `otpgate audit [USER]`, `otpgate audit verify|prune|export` */
export function auditCommand(cli: Cli): Command {
  const verify = new Command('verify')
    .description('check that no row was changed, removed or cut off; exit status 9 if one was')
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<CommonOptions>()
      await withSession(cli, options, (session) => verifyAudit(cli, session, options))
    })
  return new Command('audit')
    .description('who got in or was denied, and what admins did')
    .argument('[user]', 'only about this person')
    .option('--since <when>', 'a duration such as 7d, or a UTC date or time')
    .option('--without-code', 'only logins that needed no code, with the rule that let them in')
    .addCommand(verify)
    .addCommand(auditPruneCommand(cli))
    .addCommand(auditExportCommand(cli))
    .action(async (user: string | undefined, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<AuditOptions>()
      await withSession(cli, options, (session) => showAudit(cli, session, user, options))
    })
}

async function showAudit(
  cli: Cli,
  { ports }: Session,
  user: string | undefined,
  { json, since, withoutCode }: AuditOptions,
): Promise<void> {
  const filter: AuditFilter = {
    ...(user === undefined ? {} : { account: await findSubject(ports, user) }),
    ...(since === undefined ? {} : { since: parsePast(since, ports.now()) }),
    ...(withoutCode ? { withoutCode } : {}),
  }
  const rows = readAllRows(ports.journal, filter)
  if (json) return printJsonArray(cli, toViews(rows))
  const cells: string[][] = []
  for await (const row of withoutCompleted(rows)) cells.push(toCells(row))
  if (cells.length === 0) {
    cli.talk('nothing recorded')
    return
  }
  const headers = ['seq', 'time', 'user', 'event', 'outcome', 'how or why', 'from or by']
  // Never cut: half a time or half a reason is no record. A narrow window wraps the lines.
  cli.print(`${renderTable(headers, cells)}\n`)
}

/** Somebody with an account; or one who is gone but for the log. Throws ERR_USER_UNKNOWN. */
async function findSubject(ports: Session['ports'], user: string): Promise<string> {
  const entry = ports.passwd.findByName(user)
  if (entry !== undefined) return entry.name
  const [row] = await ports.journal.read({ account: user }, 0, 1)
  return row?.account ?? resolveAccount(ports, user)
}

async function verifyAudit(cli: Cli, { ports }: Session, { json }: CommonOptions): Promise<void> {
  const { rows, pruned = 0, problem } = await ports.journal.verify()
  if (problem !== undefined) cli.setStatus(EXIT.problems)
  if (json) return printJson(cli, { rows, pruned, problem: problem ?? null })
  if (pruned > 0) cli.talk(`${plural(pruned, 'row')} before them pruned`)
  if (problem === undefined) {
    cli.print(`${plural(rows, 'row')}, all as they were written\n`)
    return
  }
  cli.print(`${plural(rows, 'row')} as written, then at row ${problem.seq}: ${problem.what}\n`)
  cli.talk('hint: compare with the authpriv log: each line there ends with seq and hash of its row')
}

/** Rows that a later one finishes are half of one event: shown only where the end never came. */
async function* withoutCompleted(rows: AsyncIterable<AuditRow>): AsyncGenerator<AuditRow> {
  const open = new Map<number, AuditRow>()
  for await (const row of rows) {
    if (row.outcome === 'unfinished') open.set(row.seq, row)
    else {
      open.delete(row.completes ?? 0)
      yield row
    }
  }
  yield* open.values()
}

async function* toViews(rows: AsyncIterable<AuditRow>): AsyncGenerator<object> {
  for await (const row of rows) yield toAuditRowView(row)
}

function toCells(row: AuditRow): string[] {
  const about = row.action === 'login' ? undefined : row.address
  const how = [row.method, row.rule, about, row.reason, row.device && `(${row.device})`]
  const times = row.count === 1 ? '' : ` x${row.count}`
  return [
    String(row.seq),
    formatTime(row.at),
    row.account || '-',
    row.service === undefined ? row.action : `${row.action} ${row.service}`,
    `${row.outcome}${times}`,
    how.filter((each) => each !== undefined).join(' ') || '-',
    row.action === 'login' ? (row.address ?? '-') : row.actor,
  ]
}
