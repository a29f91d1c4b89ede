import { Command } from 'commander'
import { rebindAccount } from '../../app/rebind-account.ts'
import { requirePerson } from '../../app/resolve-account.ts'
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

interface RebindOptions extends CommonOptions, TargetOptions {
  readonly reason?: string
  readonly yes?: true
}

/** `otpgate rebind USER...` */
export function rebindCommand(cli: Cli): Command {
  return withTargets(
    new Command('rebind').description(
      'the same person has another uid now: move devices and codes to it',
    ),
  )
    .addOption(reasonOption())
    .option('-y, --yes', 'do not ask')
    .action(async (users: readonly string[], _: unknown, command: Command) => {
      const options = command.optsWithGlobals<RebindOptions>()
      await withSession(cli, options, (session) => rebind(cli, session, users, options))
    })
}

async function rebind(
  cli: Cli,
  session: Session,
  users: readonly string[],
  options: RebindOptions,
): Promise<void> {
  const targets = await readTargets(cli, session, users, options)
  if (!options.yes) await introduce(cli, session, targets)
  const who = targets.length === 1 ? 'the same person' : 'the same people'
  await askToGoOn(cli, `Is ${nameTargets(targets)} still ${who}?`, options.yes)
  await forEachTarget(cli, session, targets, options, (name) =>
    rebindOne(cli, session, name, options),
  )
}

/** A name may have gone to somebody else, who would get in with the old one's phone. */
async function introduce(cli: Cli, { ports }: Session, targets: readonly string[]): Promise<void> {
  for (const target of targets) {
    const entry = ports.passwd.findByName(target)
    if (entry === undefined) continue
    const state = await ports.register.find(entry.name)
    if (state.kind === 'never-known' || state.account.uid === entry.uid) continue
    const uids = `uid ${state.account.uid} at enrolment, uid ${entry.uid} now`
    cli.talk(`${toPrintable(entry.name)}: ${uids}`)
  }
}

async function rebindOne(
  cli: Cli,
  { ports }: Session,
  name: AccountName,
  { reason }: RebindOptions,
): Promise<Deed> {
  const entry = requirePerson(ports.passwd, name)
  const { from, to, devices } = await rebindAccount(ports, { entry, actor: cli.actor(), reason })
  return {
    line: `moved from uid ${from} to uid ${to}, with ${plural(devices, 'device')}`,
    fields: { result: 'rebound', from_uid: from, uid: to, devices },
  }
}
