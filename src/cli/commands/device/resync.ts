import { Command } from 'commander'
import { resolveAccount } from '../../../app/resolve-account.ts'
import { type Cli, type CommonOptions, withSession } from '../../context.ts'
import { resyncInDialog } from '../../device-resync.ts'
import { reasonOption } from '../../reason-option.ts'

interface ResyncOptions extends CommonOptions {
  readonly reason?: string
}

/** `otpgate device resync USER` */
export function resyncCommand(cli: Cli): Command {
  return new Command('resync')
    .description('find a clock that is off, or a button that was pressed, by two codes in a row')
    .argument('<user>')
    .argument('<label>')
    .addOption(reasonOption())
    .action(async (user: string, label: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<ResyncOptions>()
      await withSession(cli, options, async (session) => {
        const name = await resolveAccount(session.ports, user)
        await resyncInDialog(cli, session, { name, label, reason: options.reason }, options)
      })
    })
}
