import { Command } from 'commander'
import type { Cli } from '../../context.ts'
import { addCommand } from './add.ts'
import { listCommand } from './list.ts'
import { removeCommand } from './remove.ts'
import { renameCommand } from './rename.ts'
import { resyncCommand } from './resync.ts'

/** `otpgate device list|add|rename|remove|resync USER` */
export function deviceCommand(cli: Cli): Command {
  return new Command('device')
    .description('the devices of somebody: a second phone, a hardware token, a clock that is off')
    .addCommand(listCommand(cli))
    .addCommand(addCommand(cli))
    .addCommand(renameCommand(cli))
    .addCommand(removeCommand(cli))
    .addCommand(resyncCommand(cli))
}
