import { Command } from 'commander'
import { resolveAccount } from '../../app/resolve-account.ts'
import { toPrintable } from '../../base/text.ts'
import { confirmInDialog } from '../confirm-dialog.ts'
import { type Cli, type CommonOptions, type Session, withSession } from '../context.ts'
import { printRecoveryCodes, recoveryWaysBack } from '../recovery-sheet.ts'
import { printJson } from '../report.ts'

interface ConfirmOptions extends CommonOptions {
  readonly recovery: boolean
}

/** `otpgate confirm USER` */
export function confirmCommand(cli: Cli): Command {
  return new Command('confirm')
    .description('finish an enrolment that was left open; reads a code of the new device')
    .argument('<user>')
    .option('--no-recovery', 'without recovery codes')
    .action(async (user: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<ConfirmOptions>()
      await withSession(cli, options, (session) => confirm(cli, session, user, options))
    })
}

async function confirm(
  cli: Cli,
  session: Session,
  user: string,
  { json, recovery }: ConfirmOptions,
): Promise<void> {
  const name = await resolveAccount(session.ports, user)
  const { device, recoveryCodes } = await confirmInDialog(cli, session, {
    name,
    mintCodes: recovery,
  })
  if (json) {
    const view = { user: name, device, recovery_codes: recoveryCodes }
    return printJson(cli, view, ...recoveryWaysBack(name, recoveryCodes))
  }
  cli.talk(`${toPrintable(name)} is enrolled.`)
  printRecoveryCodes(cli, name, recoveryCodes)
}
