import { Command } from 'commander'
import type { Cli } from '../../context.ts'
import { keyCheckCommand } from './check.ts'
import { keyExportCommand } from './export.ts'
import { keyImportCommand } from './import.ts'
import { keyRotateCommand } from './rotate.ts'

/** `otpgate key` */
export function keyCommand(cli: Cli): Command {
  return new Command('key')
    .description('the master key, which every stored secret is sealed with')
    .addCommand(keyCheckCommand(cli))
    .addCommand(keyRotateCommand(cli))
    .addCommand(keyExportCommand(cli))
    .addCommand(keyImportCommand(cli))
}
