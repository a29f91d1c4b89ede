import { Command } from 'commander'
import { requirePerson } from '../../app/resolve-account.ts'
import { clearWaiver, waiveAccount } from '../../app/waive-account.ts'
import { AppError } from '../../base/errors.ts'
import { formatTime, type UnixSeconds } from '../../base/time.ts'
import { type Cli, type CommonOptions, type Session, withSession } from '../context.ts'
import { findOutlook, withOutlook } from '../login-outlook.ts'
import { reasonOption } from '../reason-option.ts'
import { forEachTarget, readTargets, type TargetOptions, withTargets } from '../targets.ts'
import { readUntil, type UntilOptions, withUntilOptions } from '../until-options.ts'

interface WaiveOptions extends CommonOptions, TargetOptions, UntilOptions {
  readonly clear?: true
  readonly reason?: string
}

/** `otpgate waive USER...` */
export function waiveCommand(cli: Cli): Command {
  return withUntilOptions(
    withTargets(
      new Command('waive').description('no code until a date, for a reason; enrolled or not'),
    ),
  )
    .addOption(reasonOption('why, for the audit log; needed'))
    .option('--clear', 'end it now')
    .action(async (users: readonly string[], _: unknown, command: Command) => {
      const options = command.optsWithGlobals<WaiveOptions>()
      await withSession(cli, options, (session) =>
        options.clear
          ? clear(cli, session, users, options)
          : waive(cli, session, users, { ...options, ...readTerms(options, session.ports.now()) }),
      )
    })
}

interface WaiveTerms {
  readonly until: UnixSeconds
  readonly reason: string
}

/** An excuse is a decision somebody wrote down, so it has its reason. */
function readTerms(options: WaiveOptions, now: UnixSeconds): WaiveTerms {
  const until = readUntil(options, now)
  const reason = options.reason?.trim() ?? ''
  if (reason !== '') return { until, reason }
  throw new AppError('ERR_USAGE', 'a waiver needs a reason', {
    hint: "such as --reason 'new phone comes on Monday'",
  })
}

async function waive(
  cli: Cli,
  session: Session,
  users: readonly string[],
  options: Omit<WaiveOptions, 'until'> & WaiveTerms,
): Promise<void> {
  const { until, reason } = options
  const { ports } = session
  const targets = await readTargets(cli, session, users, options)
  await forEachTarget(cli, session, targets, options, async (name) => {
    const entry = requirePerson(ports.passwd, name)
    await waiveAccount(ports, { entry, actor: cli.actor(), until, reason })
    return {
      line: `no code until ${formatTime(until)}`,
      fields: { result: 'waived', until: formatTime(until) },
    }
  })
}

async function clear(
  cli: Cli,
  session: Session,
  users: readonly string[],
  options: WaiveOptions,
): Promise<void> {
  const { for: duration, until, reason } = options
  if (duration !== undefined || until !== undefined) {
    throw new AppError('ERR_USAGE', '--clear ends it now', { hint: 'leave out --for and --until' })
  }
  const targets = await readTargets(cli, session, users, options)
  await forEachTarget(cli, session, targets, options, async (name) => {
    await clearWaiver(session.ports, { name, actor: cli.actor(), reason })
    const deed = { line: 'nothing is waived any more', fields: { result: 'cleared' } }
    return withOutlook(deed, await findOutlook(session, name))
  })
}
