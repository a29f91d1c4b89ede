import { Command } from 'commander'
import { removeDevice } from '../../../app/remove-device.ts'
import { resolveAccount } from '../../../app/resolve-account.ts'
import { toPrintable } from '../../../base/text.ts'
import { type Cli, type CommonOptions, type Session, withSession } from '../../context.ts'
import { reasonOption } from '../../reason-option.ts'
import { printJson } from '../../report.ts'
import { askToGoOn } from '../../targets.ts'

interface RemoveOptions extends CommonOptions {
  readonly reason?: string
  readonly force?: true
  readonly yes?: true
}

/** `otpgate device remove USER` */
export function removeCommand(cli: Cli): Command {
  return new Command('remove')
    .description('take a device away; its codes no longer count')
    .argument('<user>')
    .argument('<label>')
    .option('--force', 'also the last one that counts: no login until a new one is enrolled')
    .addOption(reasonOption())
    .option('-y, --yes', 'do not ask')
    .action(async (user: string, label: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<RemoveOptions>()
      await withSession(cli, options, (session) => remove(cli, session, { user, label }, options))
    })
}

async function remove(
  cli: Cli,
  { ports }: Session,
  { user, label }: { user: string; label: string },
  { json, reason, force, yes }: RemoveOptions,
): Promise<void> {
  const name = await resolveAccount(ports, user)
  const whose = `"${toPrintable(label)}" of ${toPrintable(name)}`
  await askToGoOn(cli, `Remove the device ${whose}?`, yes)
  const act = { name, actor: cli.actor(), reason, label }
  const wasLast = await removeDevice(ports, { ...act, force: force === true })
  if (json) return printJson(cli, { user: name, device: label, result: 'removed', last: wasLast })
  cli.talk(`${toPrintable(name)}: "${toPrintable(label)}" removed`)
  if (wasLast) cli.talk(`no login until: otpgate enroll ${toPrintable(name)}`)
}
