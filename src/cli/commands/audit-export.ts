import { Command } from 'commander'
import { AppError } from '../../base/errors.ts'
import { parsePast } from '../../base/point-in-time.ts'
import { plural } from '../../base/text.ts'
import { formatTime } from '../../base/time.ts'
import { readAuditSeal } from '../../wire-backup.ts'
import { readAllRows, toAuditRowView } from '../audit-row-view.ts'
import { type Cli, type CommonOptions, type Session, withSession } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { ADMIN_TIME_LIMIT } from '../open-session.ts'
import { printJson } from '../report.ts'

const FORMAT = 'otpgate audit 1'

interface ExportOptions extends CommonOptions {
  readonly since?: string
  /** Of `otpgate audit`, which reaches this far. */
  readonly withoutCode?: true
}

/** `otpgate audit export` */
export function auditExportCommand(cli: Cli): Command {
  return new Command('export')
    .description('every row as a line of JSON, between one that says how to check them and an end')
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<ExportOptions>()
      refuseFilter(options)
      await withSession(cli, options, (session) => exportAudit(cli, session, options))
    })
}

/** Throws ERR_USAGE: of rows that do not follow each other nobody can tell whether one is missing. */
function refuseFilter({ withoutCode }: ExportOptions): void {
  if (withoutCode === undefined) return
  throw new AppError('ERR_USAGE', 'rows to export cannot be chosen', {
    hint: 'they could not be checked; to look at some: otpgate audit --without-code --json',
  })
}

/**
 * The first line has the key of the chain, sealed: with the master key of that id the hashes of the rows
 * can be checked anywhere, without it they tell nothing. The last line shows that none was cut off.
 */
async function exportAudit(
  cli: Cli,
  { config, ports }: Session,
  { since }: ExportOptions,
): Promise<void> {
  const from = since === undefined ? undefined : parsePast(since, ports.now())
  const { problem, pruned = 0 } = await ports.journal.verify()
  if (problem !== undefined) cli.setStatus(EXIT.problems)
  printJson(cli, {
    format: FORMAT,
    exported_at: formatTime(ports.now()),
    since: from === undefined ? null : formatTime(from),
    key_id: ports.vault.keyId,
    sealed_audit_key: readAuditSeal(config, ADMIN_TIME_LIMIT).toString('base64'),
    pruned,
    problem: problem ?? null,
  })
  let rows = 0
  let last: { readonly seq: number; readonly hash: string } | undefined
  for await (const row of readAllRows(ports.journal, {})) {
    // By place and not by time: from the first that is new enough on, so that they follow each other.
    if (last === undefined && from !== undefined && row.at < from) continue
    printJson(cli, toAuditRowView(row))
    last = { seq: row.seq, hash: row.hash }
    rows++
  }
  printJson(cli, { end: true, rows, last_seq: last?.seq ?? null, last_hash: last?.hash ?? null })
  cli.talk(`${plural(rows, 'row')} exported`)
  if (problem !== undefined)
    cli.talk(`the log does not hold at row ${problem.seq}: ${problem.what}`)
}
