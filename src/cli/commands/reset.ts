import { Command } from 'commander'
import type { PasswdEntry } from '../../app/ports.ts'
import { resetAccount } from '../../app/reset-account.ts'
import { requirePerson } from '../../app/resolve-account.ts'
import { AppError } from '../../base/errors.ts'
import { plural, toPrintable } from '../../base/text.ts'
import type { AccountName } from '../../domain/name.ts'
import { type Cli, type CommonOptions, type Session, withSession } from '../context.ts'
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
import { enrollPerson } from './enroll.ts'

interface ResetOptions extends CommonOptions, TargetOptions {
  readonly enroll?: true
  readonly reason?: string
  readonly yes?: true
}

/** `otpgate reset USER...` */
export function resetCommand(cli: Cli): Command {
  return withTargets(
    new Command('reset')
      .description(
        'lost phone: drop devices, codes and known sources; no login until a new device is enrolled',
      )
      .option('--enroll', 'enroll the new device at once, as enroll does; one user'),
  )
    .addOption(reasonOption())
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
  const toEnroll = options.enroll ? requireOne(session, targets, options) : undefined
  const question = `Drop all devices and recovery codes of ${nameTargets(targets)}?`
  await askToGoOn(cli, question, options.yes)
  if (toEnroll === undefined) {
    return forEachTarget(cli, session, targets, options, (name) =>
      resetOne(cli, session, name, options),
    )
  }
  const { line } = await resetOne(cli, session, toEnroll.name, options)
  cli.talk(`${toPrintable(toEnroll.name)}: ${line}`)
  const { config } = options
  await enrollPerson(cli, session, toEnroll, { config, confirm: true, recovery: true })
}

/** Whoever is to be enrolled, before anything is dropped. Throws ERR_USAGE and ERR_USER_UNKNOWN. */
function requireOne(
  { ports }: Session,
  targets: readonly string[],
  { json }: ResetOptions,
): PasswdEntry {
  const [user, another] = targets
  if (user === undefined || another !== undefined) {
    throw new AppError('ERR_USAGE', '--enroll is for one user', {
      hint: 'reset the others, then: otpgate enroll USER',
    })
  }
  if (json) {
    throw new AppError('ERR_USAGE', '--enroll shows a secret and asks for a code', {
      hint: 'for a script: otpgate reset USER, then otpgate enroll USER --json --no-confirm',
    })
  }
  return requirePerson(ports.passwd, user)
}

async function resetOne(
  cli: Cli,
  { ports }: Session,
  name: AccountName,
  { reason }: ResetOptions,
): Promise<Deed> {
  const report = await resetAccount(ports, { name, actor: cli.actor(), reason })
  const { devices, recoveryCodes, isSuspended } = report
  const dropped = `${plural(devices, 'device')} and ${plural(recoveryCodes, 'recovery code')} dropped`
  const way = isSuspended ? 'suspended still: otpgate resume' : 'no login until: otpgate enroll'
  return {
    line: `${dropped}; ${way} ${toPrintable(name)}`,
    fields: { result: 'reset', devices, recovery_codes: recoveryCodes },
  }
}
