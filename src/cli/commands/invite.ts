import { Command } from 'commander'
import { inviteAccount } from '../../app/invite-account.ts'
import { requirePerson } from '../../app/resolve-account.ts'
import { toPrintable } from '../../base/text.ts'
import { formatTime, type UnixSeconds } from '../../base/time.ts'
import type { AccountName } from '../../domain/name.ts'
import { type Cli, type CommonOptions, type Session, withSession } from '../context.ts'
import { reasonOption } from '../reason-option.ts'
import {
  type Deed,
  forEachTarget,
  readTargets,
  type TargetOptions,
  withTargets,
} from '../targets.ts'
import { readUntil, type UntilOptions, withUntilOptions } from '../until-options.ts'

interface InviteOptions extends CommonOptions, TargetOptions, UntilOptions {
  readonly withCode?: true
  readonly reason?: string
}

/** `otpgate invite USER...` */
export function inviteCommand(cli: Cli): Command {
  return withUntilOptions(
    withTargets(
      new Command('invite').description(
        'no device yet: log in without a code until a date, to enroll',
      ),
    ),
  )
    .option('--with-code', 'a code, shown once, that enrolling oneself then takes')
    .addOption(reasonOption())
    .action(async (users: readonly string[], _: unknown, command: Command) => {
      const options = command.optsWithGlobals<InviteOptions>()
      await withSession(cli, options, (session) => invite(cli, session, users, options))
    })
}

async function invite(
  cli: Cli,
  session: Session,
  users: readonly string[],
  options: InviteOptions,
): Promise<void> {
  const until = readUntil(options, session.ports.now())
  const targets = await readTargets(cli, session, users, options)
  await forEachTarget(cli, session, targets, options, (name) =>
    inviteOne(cli, session, name, { ...options, until }),
  )
}

async function inviteOne(
  cli: Cli,
  { ports }: Session,
  name: AccountName,
  { until, reason, withCode, json }: Omit<InviteOptions, 'until'> & { until: UnixSeconds },
): Promise<Deed> {
  const { code } = await inviteAccount(ports, {
    entry: requirePerson(ports.passwd, name),
    actor: cli.actor(),
    reason,
    until,
    withCode: withCode ?? false,
  })
  if (code !== undefined && !json) printCode(cli, name, code)
  const fields = { result: 'invited', until: formatTime(until) }
  const how = code === undefined ? '' : ', with that code'
  return {
    line: `invited until ${formatTime(until)}; to enroll, after logging in${how}: sudo otpgate self enroll`,
    fields: code === undefined ? fields : { ...fields, code },
  }
}

/** With the name before it: several people get several codes. */
function printCode(cli: Cli, name: AccountName, code: string): void {
  const user = toPrintable(name)
  cli.talk(`The invitation code of ${user}, shown this one time. It lets nobody in by itself.`)
  cli.print(`${user}: ${code}\n`, `otpgate invite ${user} --for 7d --with-code`)
}
