import { Command } from 'commander'
import { removeAccount } from '../../app/remove-account.ts'
import { plural } from '../../base/text.ts'
import type { AccountName } from '../../domain/name.ts'
import { type Cli, type CommonOptions, type Session, withSession } from '../context.ts'
import { findOutlook, withOutlook } from '../login-outlook.ts'
import { reasonOption } from '../reason-option.ts'
import {
  askToGoOn,
  type Deed,
  forEachTarget,
  nameTargets,
  readTargets,
  type TargetOptions,
  withTargets,
} from '../targets.ts'

interface RemoveOptions extends CommonOptions, TargetOptions {
  readonly reason?: string
  readonly yes?: true
}

/** `otpgate remove USER...` */
export function removeCommand(cli: Cli): Command {
  return withTargets(
    new Command('remove').description('forget somebody who has left: everything but the audit log'),
  )
    .addOption(reasonOption())
    .option('-y, --yes', 'do not ask')
    .action(async (users: readonly string[], _: unknown, command: Command) => {
      const options = command.optsWithGlobals<RemoveOptions>()
      await withSession(cli, options, (session) => remove(cli, session, users, options))
    })
}

async function remove(
  cli: Cli,
  session: Session,
  users: readonly string[],
  options: RemoveOptions,
): Promise<void> {
  const targets = await readTargets(cli, session, users, options)
  const question = `Remove all of ${nameTargets(targets)} but the audit log?`
  await askToGoOn(cli, question, options.yes)
  await forEachTarget(cli, session, targets, options, (name) =>
    removeOne(cli, session, name, options),
  )
}

/** Under `unenrolled = "allow"` the person gets in afterwards: that has to be said. */
async function removeOne(
  cli: Cli,
  session: Session,
  name: AccountName,
  { reason }: RemoveOptions,
): Promise<Deed> {
  const input = { name, actor: cli.actor(), reason }
  const { devices, recoveryCodes } = await removeAccount(session.ports, input)
  const dropped = `${plural(devices, 'device')} and ${plural(recoveryCodes, 'recovery code')}`
  const deed = {
    line: `removed, with ${dropped}`,
    fields: { result: 'removed', devices, recovery_codes: recoveryCodes },
  }
  return withOutlook(deed, await findOutlook(session, name))
}
