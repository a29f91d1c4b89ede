import { Command } from 'commander'
import { requireKnown } from '../../app/known-account.ts'
import { resolveAccount } from '../../app/resolve-account.ts'
import { AppError } from '../../base/errors.ts'
import { toPrintable } from '../../base/text.ts'
import type { AccountName } from '../../domain/name.ts'
import { confirmInDialog } from '../confirm-dialog.ts'
import { type Cli, type CommonOptions, type Session, withSession } from '../context.ts'
import { printRecoveryCodes } from '../recovery-sheet.ts'
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
  await assertUnconfirmed(session, name)
  const { device, recoveryCodes } = await confirmInDialog(cli, session, name, recovery)
  if (json) return printJson(cli, { user: name, device, recovery_codes: recoveryCodes })
  cli.talk(`${toPrintable(name)} is enrolled.`)
  printRecoveryCodes(cli, name, recoveryCodes)
}

/** Before the question: nobody is asked for a code that could not be right. */
async function assertUnconfirmed({ ports }: Session, name: AccountName): Promise<void> {
  const { devices } = requireKnown(await ports.register.find(name), name)
  if (devices.some(({ confirmedAt }) => confirmedAt === undefined)) return
  throw new AppError('ERR_DEVICE_UNKNOWN', `${toPrintable(name)} has no device to confirm`, {
    hint: `see: otpgate show ${toPrintable(name)}`,
  })
}
