import { Command } from 'commander'
import { resumeAccount } from '../../app/resume-account.ts'
import { type Cli, type CommonOptions, type Session, withSession } from '../context.ts'
import { findOutlook, withOutlook } from '../login-outlook.ts'
import { reasonOption } from '../reason-option.ts'
import { forEachTarget, readTargets, type TargetOptions, withTargets } from '../targets.ts'

interface ResumeOptions extends CommonOptions, TargetOptions {
  readonly reason?: string
}

/** `otpgate resume USER...` */
export function resumeCommand(cli: Cli): Command {
  return withTargets(
    new Command('resume').description(
      'end a suspension; says what the person meets at the next login',
    ),
  )
    .addOption(reasonOption())
    .action(async (users: readonly string[], _: unknown, command: Command) => {
      const options = command.optsWithGlobals<ResumeOptions>()
      await withSession(cli, options, (session) => resume(cli, session, users, options))
    })
}

async function resume(
  cli: Cli,
  session: Session,
  users: readonly string[],
  options: ResumeOptions,
): Promise<void> {
  const { reason } = options
  const targets = await readTargets(cli, session, users, options)
  await forEachTarget(cli, session, targets, options, async (name) => {
    await resumeAccount(session.ports, { name, actor: cli.actor(), reason })
    const deed = { line: 'no longer suspended', fields: { result: 'resumed' } }
    return withOutlook(deed, await findOutlook(session, name))
  })
}
