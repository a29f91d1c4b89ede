import { Command, Option } from 'commander'
import type { TellingRun, Untold } from '../../app/telling-run.ts'
import { plural } from '../../base/text.ts'
import { formatTime } from '../../base/time.ts'
import { listenForStop } from '../../host/stop-signal.ts'
import { loadConfig } from '../../wire.ts'
import { optionalTime } from '../account-view.ts'
import type { Cli, CommonOptions } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { followLog } from '../follow-log.ts'
import { asAdmin } from '../open-session.ts'
import { printJson } from '../report.ts'
import { skipBacklog, tellCommand } from '../tell-command.ts'

interface NotifyOptions extends CommonOptions {
  readonly follow?: true
  readonly now?: true
  readonly fromNow?: true
}

/** `otpgate notify` */
export function notifyCommand(cli: Cli): Command {
  return new Command('notify')
    .description('tell [notify] command what the audit log says that it was not told yet')
    .option('--follow', 'go on with what comes; for a service')
    .addOption(
      new Option('--now', 'try what has failed at once, not after its wait').conflicts('follow'),
    )
    .addOption(
      new Option('--from-now', 'tell nothing of what is in the log by now').conflicts([
        'follow',
        'now',
      ]),
    )
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<NotifyOptions>()
      if (options.fromNow) return beginAnew(cli, options)
      if (options.follow) return follow(cli, options)
      await tellOnce(cli, options)
    })
}

async function tellOnce(cli: Cli, options: NotifyOptions): Promise<void> {
  const { isStopping } = listenForStop()
  const isUrgent = options.now === true
  const config = asAdmin(() => loadConfig(options.config))
  const run = await tellCommand(config, { hostName: cli.hostName(), isStopping, isUrgent })
  if (run !== undefined && run.untold.length > 0) cli.setStatus(EXIT.refused)
  if (options.json) return printJson(cli, toView(run))
  if (run === undefined) return cli.talk('another otpgate notify is at it: nothing was done')
  for (const untold of run.untold) complain(cli, untold)
  cli.print(`${run.told === 0 ? 'nothing' : plural(run.told, 'event')} told\n`)
  const isWaiting = run.untold.length === 0 && run.retryAt !== undefined
  if (isWaiting) cli.talk(`what has failed is tried again at ${formatTime(run.retryAt)}`)
}

async function follow(cli: Cli, options: NotifyOptions): Promise<void> {
  const stop = listenForStop()
  const hostName = cli.hostName()
  await followLog(stop, options.config, async (config, isStopping) => {
    const run = await tellCommand(config, { hostName, isStopping, isUrgent: false })
    for (const untold of run?.untold ?? []) complain(cli, untold)
    return run
  })
}

async function beginAnew(cli: Cli, { config, json }: NotifyOptions): Promise<void> {
  const through = await skipBacklog(asAdmin(() => loadConfig(config)))
  if (json) return printJson(cli, { through: through ?? null })
  if (through === undefined) {
    cli.setStatus(EXIT.refused)
    return cli.talk('another otpgate notify is at it: nothing was done')
  }
  cli.print(`told is what comes after row ${through} of the audit log\n`)
}

function complain(cli: Cli, { seq, why, retryAt }: Untold): void {
  cli.talk(`otpgate: row ${seq} of the audit log could not be told: the command ${why}`)
  const next =
    retryAt === undefined
      ? `row ${seq} is GIVEN UP after a day, and goes untold; it stays in: otpgate audit`
      : `it is tried again at ${formatTime(retryAt)}; at once: otpgate notify --now`
  cli.talk(`hint: ${next}`)
}

/** What `--json` prints: public, fields are added and never renamed. */
function toView(run: TellingRun | undefined) {
  return {
    busy: run === undefined,
    told: run?.told ?? 0,
    untold: (run?.untold ?? []).map(({ seq, why, retryAt }) => ({
      seq,
      why,
      retry_at: optionalTime(retryAt),
    })),
    retry_at: optionalTime(run?.retryAt),
  }
}
