import { Command } from 'commander'
import { toPrintable } from '../../../base/text.ts'
import { now } from '../../../host/clock.ts'
import { confirmSetup } from '../../../setup/ssh/end-setup.ts'
import type { SetupPlaces } from '../../../setup/ssh/places.ts'
import type { Cli, CommonOptions } from '../../context.ts'
import { printJson } from '../../report.ts'
import { asRoot } from './as-root.ts'
import { toView } from './view.ts'

/** `otpgate setup confirm` */
export function setupConfirmCommand(cli: Cli, places: SetupPlaces): Command {
  return new Command('confirm')
    .description('keep what "setup ssh" has set up, without a login that proves it')
    .action(async (_: unknown, command: Command) => {
      const { json } = command.optsWithGlobals<CommonOptions>()
      const journal = await asRoot(() => confirmSetup(places, now))
      if (json) return printJson(cli, toView(journal))
      cli.talk(`confirmed: logins take ${toPrintable(journal.recipe)} for good`)
      cli.talk('the way back, later: otpgate setup revert')
    })
}
