import { Command } from 'commander'
import { renameDevice } from '../../../app/rename-device.ts'
import { resolveAccount } from '../../../app/resolve-account.ts'
import { toPrintable } from '../../../base/text.ts'
import { type Cli, type CommonOptions, type Session, withSession } from '../../context.ts'
import { parseLabel } from '../../device-options.ts'
import { reasonOption } from '../../reason-option.ts'
import { printJson } from '../../report.ts'

interface RenameOptions extends CommonOptions {
  readonly reason?: string
}

/** `otpgate device rename USER` */
export function renameCommand(cli: Cli): Command {
  return new Command('rename')
    .description('call a device by another name')
    .argument('<user>')
    .argument('<old>', 'its label')
    .argument('<new>', 'its label from now on')
    .addOption(reasonOption())
    .action(async (user: string, old: string, label: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<RenameOptions>()
      const newLabel = parseLabel(label)
      await withSession(cli, options, (session) =>
        rename(cli, session, { user, label: old, newLabel }, options),
      )
    })
}

async function rename(
  cli: Cli,
  { ports }: Session,
  { user, label, newLabel }: { user: string; label: string; newLabel: string },
  { json, reason }: RenameOptions,
): Promise<void> {
  const name = await resolveAccount(ports, user)
  await renameDevice(ports, { name, actor: cli.actor(), reason, label, newLabel })
  if (json) return printJson(cli, { user: name, device: newLabel, result: 'renamed' })
  cli.talk(`${toPrintable(name)}: "${toPrintable(label)}" is called "${newLabel}" now`)
}
