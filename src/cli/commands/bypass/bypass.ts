import { Command } from 'commander'
import type { Cli } from '../../context.ts'
import { issueCommand } from './issue.ts'
import { listCommand } from './list.ts'
import { revokeCommand } from './revoke.ts'

/** `otpgate bypass USER`, `otpgate bypass list|revoke USER` */
export function bypassCommand(cli: Cli): Command {
  return new Command('bypass')
    .description('a temporary code for somebody without the phone, to read out on the line')
    .usage('USER --for 4h [options]\n       otpgate bypass list|revoke USER')
    .addCommand(issueCommand(cli), { isDefault: true })
    .addCommand(listCommand(cli))
    .addCommand(revokeCommand(cli))
}
