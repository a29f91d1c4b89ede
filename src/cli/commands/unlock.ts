import { Command } from 'commander'
import { unlockAccount } from '../../app/unlock-account.ts'
import { type Cli, type CommonOptions, type Session, withSession } from '../context.ts'
import { reasonOption } from '../reason-option.ts'
import { forEachTarget, readTargets, type TargetOptions, withTargets } from '../targets.ts'

interface UnlockOptions extends CommonOptions, TargetOptions {
  readonly reason?: string
}

/** `otpgate unlock USER...` */
export function unlockCommand(cli: Cli): Command {
  return withTargets(
    new Command('unlock').description(
      'end the wait, or the lock, that wrong codes have brought on',
    ),
  )
    .addOption(reasonOption())
    .action(async (users: readonly string[], _: unknown, command: Command) => {
      const options = command.optsWithGlobals<UnlockOptions>()
      await withSession(cli, options, (session) => unlock(cli, session, users, options))
    })
}

async function unlock(
  cli: Cli,
  session: Session,
  users: readonly string[],
  options: UnlockOptions,
): Promise<void> {
  const targets = await readTargets(cli, session, users, options)
  await forEachTarget(cli, session, targets, options, async (name) => {
    await unlockAccount(session.ports, { name, actor: cli.actor(), reason: options.reason })
    return { line: 'unlocked', fields: { result: 'unlocked' } }
  })
}
