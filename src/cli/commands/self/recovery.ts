import { Command } from 'commander'
import { renewRecoveryCodes } from '../../../app/renew-recovery-codes.ts'
import type { Cli } from '../../context.ts'
import { printRecoveryCodes } from '../../recovery-sheet.ts'
import { type OwnTask, withOwnSession } from './own-session.ts'
import { proveInDialog } from './prove.ts'

/** `otpgate self recovery new` */
export function selfRecoveryCommand(cli: Cli): Command {
  return new Command('recovery')
    .description('recovery codes, for when the phone is lost')
    .addCommand(
      new Command('new')
        .description('replace all your recovery codes by ten new ones')
        .action((_, command: Command) => withOwnSession(cli, command, renewCodes)),
    )
}

async function renewCodes(task: OwnTask): Promise<void> {
  const { cli, entry } = task
  const { ports } = await proveInDialog(task, 'Your old recovery codes stop working.')
  const act = { name: entry.name, actor: cli.actor(), reason: undefined }
  printRecoveryCodes(cli, entry.name, await renewRecoveryCodes(ports, act))
}
