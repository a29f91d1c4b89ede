import { Command } from 'commander'
import { pruneAudit } from '../../app/prune-audit.ts'
import { AppError } from '../../base/errors.ts'
import { parsePast } from '../../base/point-in-time.ts'
import { plural } from '../../base/text.ts'
import {
  addSeconds,
  formatTime,
  laterOf,
  toUnixSeconds,
  type UnixSeconds,
} from '../../base/time.ts'
import { type Cli, type CommonOptions, type Session, withSession } from '../context.ts'
import { pauseForWriters } from '../pause.ts'
import { reasonOption } from '../reason-option.ts'
import { printJson } from '../report.ts'
import { askToGoOn } from '../targets.ts'

interface PruneOptions extends CommonOptions {
  readonly before?: string
  readonly reason?: string
  readonly yes?: true
  /** Options of `otpgate audit`, which reach this far. */
  readonly since?: string
  readonly withoutCode?: true
}

/** What `--json` prints: public, fields are added and never renamed. */
interface PruneView {
  readonly before: string
  readonly pruned: number
}

/** `otpgate audit prune` */
export function auditPruneCommand(cli: Cli): Command {
  return new Command('prune')
    .description('take old rows off the log for good; a row says who did, and how many')
    .option('--before <when>', 'a duration such as 400d, or a UTC date or time; else [audit] keep')
    .addOption(reasonOption())
    .option('-y, --yes', 'do not ask')
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<PruneOptions>()
      refuseFilters(options)
      await withSession(cli, options, (session) => prune(cli, session, options))
    })
}

/** Throws ERR_USAGE: somebody who chooses rows must not lose others. */
function refuseFilters({ since, withoutCode }: PruneOptions): void {
  if (since === undefined && withoutCode === undefined) return
  throw new AppError('ERR_USAGE', 'rows to prune cannot be chosen', {
    hint: 'all go that are old enough; say how old: otpgate audit prune --before 400d',
  })
}

async function prune(cli: Cli, session: Session, options: PruneOptions): Promise<void> {
  const { journal, now } = session.ports
  const before = findEnd(session, options.before)
  const time = formatTime(before)
  const found = await journal.findPrunable(before, now())
  if (found === undefined) return report(cli, options, { before: time, pruned: 0 })
  const question = `Remove ${plural(found.rows, 'row')} of the audit log for good, all from before ${time}?`
  await askToGoOn(cli, question, options.yes)
  const { through } = found
  const order = { through, before, actor: cli.actor(), reason: options.reason }
  const pruned = await pruneAudit({ journal, pause: pauseForWriters }, order)
  report(cli, options, { before: time, pruned })
}

/** Throws ERR_USAGE: what is not written yet cannot be old. */
function findEnd({ config, ports }: Session, text: string | undefined): UnixSeconds {
  const now = ports.now()
  if (text === undefined) return addSeconds(now, -config.audit.keepSeconds)
  // Before there were clocks there is nothing to name, nor a way to write it.
  const before = laterOf(parsePast(text, now), toUnixSeconds(0))
  if (before <= now) return before
  throw new AppError('ERR_USAGE', `${formatTime(before)} is yet to come`, {
    hint: `it is ${formatTime(now)} now; dates and times are in UTC`,
  })
}

function report(cli: Cli, { json }: PruneOptions, result: PruneView): void {
  const { pruned, before } = result
  if (json) printJson(cli, result)
  else if (pruned === 0) cli.talk(`nothing to prune from before ${before}`)
  else cli.talk(`${plural(pruned, 'row')} pruned`)
}
