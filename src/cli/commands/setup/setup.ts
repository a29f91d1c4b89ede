import { Command } from 'commander'
import type { SetupPlaces } from '../../../setup/ssh/places.ts'
import type { Cli } from '../../context.ts'
import { setupConfirmCommand } from './confirm.ts'
import { HOST_PLACES } from './host-places.ts'
import { setupRevertCommand } from './revert.ts'
import { setupSshCommand } from './ssh.ts'
import { setupStatusCommand } from './status.ts'
import { setupWatchCommand } from './watch.ts'

/** `otpgate setup ssh|confirm|revert|status`, on the places of this host unless others are given. */
export function setupCommand(cli: Cli, places: SetupPlaces = HOST_PLACES): Command {
  return new Command('setup')
    .description('switch the second factor on for SSH, with a way back that needs nobody')
    .addCommand(setupSshCommand(cli, places))
    .addCommand(setupConfirmCommand(cli, places))
    .addCommand(setupRevertCommand(cli, places))
    .addCommand(setupStatusCommand(cli, places))
    .addCommand(setupWatchCommand(cli, places), { hidden: true })
}
