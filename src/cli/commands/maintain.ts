import { Command } from 'commander'
import { type Maintenance, maintain } from '../../app/maintain.ts'
import { plural } from '../../base/text.ts'
import { formatTime } from '../../base/time.ts'
import { type Cli, type CommonOptions, withSession } from '../context.ts'
import { pauseForWriters } from '../pause.ts'
import { printJson } from '../report.ts'

/** `otpgate maintain` */
export function maintainCommand(cli: Cli): Command {
  return new Command('maintain')
    .description(
      'prune the audit log, drop what has expired, tidy the file; for a timer, asks nothing',
    )
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<CommonOptions>()
      const done = await withSession(cli, options, ({ config, ports }) =>
        maintain(
          { ...ports, pause: pauseForWriters },
          { keepSeconds: config.audit.keepSeconds, actor: cli.actor() },
        ),
      )
      if (options.json) return printJson(cli, toView(done))
      cli.print(`${summarize(done)}\n`)
      if (!done.isCheckpointed) cli.talk('the database is in use: its log is emptied another time')
    })
}

/** What `--json` prints: public, fields are added and never renamed. */
function toView({ removed, denialsRecorded, pruned, isCheckpointed }: Maintenance) {
  const counts = removed.map(({ what, rows }) => [`${what.replace(/\W/g, '_')}s`, rows] as const)
  return {
    removed: Object.fromEntries(counts),
    denials_recorded: denialsRecorded,
    pruned: pruned.rows,
    pruned_before: formatTime(pruned.before),
    checkpointed: isCheckpointed,
  }
}

function summarize({ removed, denialsRecorded, pruned }: Maintenance): string {
  const gone = [{ what: 'audit row', rows: pruned.rows }, ...removed].filter(({ rows }) => rows > 0)
  const lines = [
    ...gone.map(({ what, rows }) => `${plural(rows, what)} removed`),
    ...(denialsRecorded > 0 ? [`${plural(denialsRecorded, 'count')} of denials recorded`] : []),
  ]
  return lines.length === 0 ? 'nothing to do' : lines.join(', ')
}
