import { Command } from 'commander'
import { resolveAccount } from '../../../app/resolve-account.ts'
import { revokeBypass } from '../../../app/revoke-bypass.ts'
import { plural, toPrintable } from '../../../base/text.ts'
import { parseChoice } from '../../bypass-terms.ts'
import { type Cli, type CommonOptions, type Session, withSession } from '../../context.ts'
import { reasonOption } from '../../reason-option.ts'
import { printJson } from '../../report.ts'

interface RevokeOptions extends CommonOptions {
  readonly all?: true
  readonly reason?: string
}

/** `otpgate bypass revoke USER` */
export function revokeCommand(cli: Cli): Command {
  return new Command('revoke')
    .description('take codes back: the only one, the one whose id begins like this, or all')
    .argument('<user>')
    .argument('[id]')
    .option('--all', 'each one')
    .addOption(reasonOption())
    .action(async (user: string, id: string | undefined, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<RevokeOptions>()
      await withSession(cli, options, (session) => revoke(cli, session, user, id, options))
    })
}

async function revoke(
  cli: Cli,
  { ports }: Session,
  user: string,
  id: string | undefined,
  { all, reason, json }: RevokeOptions,
): Promise<void> {
  const choice = parseChoice(id, all)
  const name = await resolveAccount(ports, user)
  const revoked = await revokeBypass(ports, { name, reason, choice, actor: cli.actor() })
  if (json) return printJson(cli, { user: name, revoked })
  cli.talk(`${toPrintable(name)}: ${plural(revoked, 'bypass code')} revoked`)
}
