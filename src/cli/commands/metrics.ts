import { Command } from 'commander'
import { replaceFile } from '../../host/replace-file.ts'
import { type Gauge, renderExposition, type Sample } from '../../render/exposition.ts'
import { type Cli, type CommonOptions, withSession } from '../context.ts'
import { type Overview, takeOverview } from '../overview.ts'
import { printJson } from '../report.ts'
import { type SocketOptions, socketOption } from '../socket-option.ts'
import { VERSION } from '../version.ts'

/** node_exporter has a user of its own; there is nobody's name in it. */
const FILE_MODE = 0o644

interface MetricsOptions extends CommonOptions, SocketOptions {
  readonly out?: string
}

/** `otpgate metrics` */
export function metricsCommand(cli: Cli): Command {
  return new Command('metrics')
    .description('figures for Prometheus, as the textfile collector of node_exporter reads them')
    .option('--out <file>', 'replace this file in one go; the collector reads *.prom')
    .addOption(socketOption())
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<MetricsOptions>()
      const overview = await withSession(cli, options, (session) =>
        takeOverview(session, options.socket),
      )
      writeMetrics(cli, toGauges(overview), options)
    })
}

function writeMetrics(cli: Cli, gauges: readonly Gauge[], { out, json }: MetricsOptions): void {
  const text = renderExposition(gauges)
  if (out !== undefined) replaceFile(out, text, FILE_MODE)
  if (json) printJson(cli, gauges)
  else if (out === undefined) cli.print(text)
}

/** Public: added to, never renamed. No label holds a name of anybody, or anything somebody typed. */
function toGauges(overview: Overview): readonly Gauge[] {
  return [...accountGauges(overview), ...hostGauges(overview)]
}

function accountGauges({ accounts, logins }: Overview): readonly Gauge[] {
  const { statuses, waiting, locked, fewRecoveryCodes, endingSoon } = accounts
  const ending = (kind: string) => endingSoon.filter((term) => term.kind === kind).length
  return [
    {
      name: 'otpgate_accounts',
      help: 'Accounts by status.',
      samples: toSamples('status', statuses),
    },
    {
      name: 'otpgate_accounts_throttled',
      help: 'Accounts whose codes are not judged, for a while (waiting) or until unlocked (locked).',
      samples: toSamples('state', { waiting, locked }),
    },
    {
      name: 'otpgate_accounts_few_recovery_codes',
      help: 'Accounts with fewer than 3 recovery codes.',
      samples: [{ value: fewRecoveryCodes }],
    },
    {
      name: 'otpgate_terms_ending_soon',
      help: 'Invitations and waivers that end within 3 days.',
      samples: toSamples('status', { invited: ending('invited'), waived: ending('waived') }),
    },
    {
      name: 'otpgate_logins_last_day',
      help: 'Logins of the last 24 hours by outcome.',
      samples: toSamples('outcome', logins),
    },
  ]
}

function hostGauges(overview: Overview): readonly Gauge[] {
  const { daemon, databaseBytes, maintainedAt } = overview
  // One that nobody can read is missing, and the rest is still told.
  const backlog = overview.backlog === 'damaged' ? undefined : overview.backlog
  return [
    {
      name: 'otpgate_daemon_up',
      help: 'Whether otpgated answers; missing where there is no socket.',
      samples: daemon === 'absent' ? [] : [{ value: daemon === 'answers' ? 1 : 0 }],
    },
    {
      name: 'otpgate_database_bytes',
      help: 'Size of the database with its write-ahead log.',
      samples: [{ value: databaseBytes }],
    },
    {
      name: 'otpgate_maintenance_timestamp_seconds',
      help: 'When maintenance was last done; missing where it never was.',
      samples: maintainedAt === undefined ? [] : [{ value: maintainedAt }],
    },
    {
      name: 'otpgate_notify_untold_events',
      help: 'Events that the notify command was not told yet; missing where there is no such command.',
      samples: backlog === undefined ? [] : [{ value: backlog.events }],
    },
    {
      name: 'otpgate_notify_given_up_events',
      help: 'Events that the notify command was never told, because it failed for a day.',
      samples: backlog === undefined ? [] : [{ value: backlog.givenUp }],
    },
    {
      name: 'otpgate_info',
      help: 'The version that is installed.',
      samples: [{ labels: { version: VERSION }, value: 1 }],
    },
  ]
}

function toSamples(label: string, counts: Readonly<Record<string, number>>): readonly Sample[] {
  return Object.entries(counts).map(([word, value]) => ({ labels: { [label]: word }, value }))
}
