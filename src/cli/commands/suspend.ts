import { Command } from 'commander'
import { suspendAccount } from '../../app/suspend-account.ts'
import { toPrintable } from '../../base/text.ts'
import { type Cli, type CommonOptions, type Session, withSession } from '../context.ts'
import { reasonOption } from '../reason-option.ts'
import { forEachTarget, readTargets, type TargetOptions, withTargets } from '../targets.ts'

interface SuspendOptions extends CommonOptions, TargetOptions {
  readonly reason?: string
}

/** `otpgate suspend USER...` */
export function suspendCommand(cli: Cli): Command {
  return withTargets(
    new Command('suspend').description(
      'deny every login until resume; devices and recovery codes stay',
    ),
  )
    .addOption(reasonOption())
    .action(async (users: readonly string[], _: unknown, command: Command) => {
      const options = command.optsWithGlobals<SuspendOptions>()
      await withSession(cli, options, (session) => suspend(cli, session, users, options))
    })
}

async function suspend(
  cli: Cli,
  session: Session,
  users: readonly string[],
  options: SuspendOptions,
): Promise<void> {
  const { ports } = session
  const { reason } = options
  const targets = await readTargets(cli, session, users, options)
  await forEachTarget(cli, session, targets, options, async (name) => {
    const entry = ports.passwd.findByName(name)
    await suspendAccount(ports, { name, entry, actor: cli.actor(), reason })
    return {
      line: `suspended; no new login until: otpgate resume ${toPrintable(name)}`,
      fields: { result: 'suspended' },
    }
  })
}
