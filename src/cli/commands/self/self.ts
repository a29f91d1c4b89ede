import { Command } from 'commander'
import type { Cli } from '../../context.ts'
import { selfDeviceCommand } from './device.ts'
import { selfEnrollCommand } from './enroll.ts'
import { selfRecoveryCommand } from './recovery.ts'
import { selfStatusCommand } from './status.ts'

/**
 * `otpgate self ...`: what people do for themselves, as root through sudo. So it takes no path and no
 * option, writes no file of their choice, and starts no program.
 */
export function selfCommand(cli: Cli): Command {
  return new Command('self')
    .description('for people themselves, through sudo: enroll, recovery codes, devices')
    .addCommand(selfStatusCommand(cli))
    .addCommand(selfEnrollCommand(cli))
    .addCommand(selfRecoveryCommand(cli))
    .addCommand(selfDeviceCommand(cli))
}
