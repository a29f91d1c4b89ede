import { Command } from 'commander'
import { readAccount } from '../../../app/resolve-account.ts'
import { deviceView } from '../../account-view.ts'
import { type Cli, type CommonOptions, type Session, withSession } from '../../context.ts'
import { describeConfirmation, describeDrift } from '../../device-words.ts'
import { printTable } from '../../print-table.ts'
import { printJson } from '../../report.ts'

/** `otpgate device list USER` */
export function listCommand(cli: Cli): Command {
  return new Command('list')
    .description('all devices of somebody')
    .argument('<user>')
    .action(async (user: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<CommonOptions>()
      await withSession(cli, options, (session) => list(cli, session, user, options))
    })
}

async function list(
  cli: Cli,
  { ports }: Session,
  user: string,
  { json }: CommonOptions,
): Promise<void> {
  const { devices } = await readAccount(ports, user)
  const views = devices.map(deviceView)
  if (json) return printJson(cli, views)
  if (views.length === 0) return cli.talk('no devices')
  const rows = views.map((view) => [
    view.label,
    view.kind,
    String(view.digits),
    describeDrift(view) ?? '-',
    describeConfirmation(view),
    view.last_used_at ?? 'never',
  ])
  printTable(cli, ['device', 'kind', 'digits', 'drift', 'confirmed', 'last used'], rows)
}
