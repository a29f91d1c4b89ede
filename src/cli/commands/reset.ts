import { Command } from 'commander'
import { resetAccount } from '../../app/reset-account.ts'
import { plural, toPrintable } from '../../base/text.ts'
import type { AccountName } from '../../domain/name.ts'
import { type Cli, type CommonOptions, type Session, withSession } from '../context.ts'
import { askToGoOn, type Deed, forEachTarget, readTargets, type TargetOptions } from '../targets.ts'

interface ResetOptions extends CommonOptions, TargetOptions {
  readonly reason?: string
  readonly yes?: true
}

/** `otpgate reset USER...` */
export function resetCommand(cli: Cli): Command {
  return new Command('reset')
    .description(
      'lost phone: drop devices and recovery codes; no login until a new device is enrolled',
    )
    .argument('[user...]', 'who; - reads names from stdin')
    .option('--group <group>', 'all members of a group')
    .option('--reason <text>', 'why, for the audit log')
    .option('-y, --yes', 'do not ask')
    .action(async (users: readonly string[], _: unknown, command: Command) => {
      const options = command.optsWithGlobals<ResetOptions>()
      await withSession(cli, options, (session) => reset(cli, session, users, options))
    })
}

async function reset(
  cli: Cli,
  session: Session,
  users: readonly string[],
  options: ResetOptions,
): Promise<void> {
  const targets = await readTargets(cli, session, users, options)
  const [only] = targets
  const whose =
    targets.length === 1 && only !== undefined ? toPrintable(only) : plural(targets.length, 'user')
  await askToGoOn(cli, `Drop all devices and recovery codes of ${whose}?`, options.yes)
  await forEachTarget(cli, session, targets, options, (name) =>
    resetOne(cli, session, name, options),
  )
}

async function resetOne(
  cli: Cli,
  { ports }: Session,
  name: AccountName,
  { reason }: ResetOptions,
): Promise<Deed> {
  const { devices, recoveryCodes } = await resetAccount(ports, { name, actor: cli.actor(), reason })
  const dropped = `${plural(devices, 'device')} and ${plural(recoveryCodes, 'recovery code')} dropped`
  return {
    line: `${dropped}; no login until: otpgate enroll ${toPrintable(name)}`,
    fields: { result: 'reset', devices, recovery_codes: recoveryCodes },
  }
}
