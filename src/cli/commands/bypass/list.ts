import { Command } from 'commander'
import { readAccount } from '../../../app/resolve-account.ts'
import { toPrintable } from '../../../base/text.ts'
import { formatTime, type UnixSeconds } from '../../../base/time.ts'
import { isSpendable, type OneTimeCode } from '../../../domain/one-time-code.ts'
import { optionalTime } from '../../account-view.ts'
import { type Cli, type CommonOptions, type Session, withSession } from '../../context.ts'
import { printTable } from '../../print-table.ts'
import { printJson } from '../../report.ts'
import { shortId } from './short-id.ts'

/** `otpgate bypass list USER` */
export function listCommand(cli: Cli): Command {
  return new Command('list')
    .description('the codes that were issued, never the codes themselves')
    .argument('<user>')
    .action(async (user: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<CommonOptions>()
      await withSession(cli, options, (session) => list(cli, session, user, options))
    })
}

async function list(
  cli: Cli,
  { ports }: Session,
  user: string,
  { json }: CommonOptions,
): Promise<void> {
  const { account, oneTimeCodes } = await readAccount(ports, user)
  const { name } = account
  const issued = oneTimeCodes.filter(({ kind }) => kind === 'bypass')
  const now = ports.now()
  if (json) return printJson(cli, { user: name, bypass_codes: issued.map((code) => toView(code)) })
  if (issued.length === 0) {
    cli.talk(`${toPrintable(name)} has no bypass codes`)
    return
  }
  const headers = ['id', 'issued', 'until', 'uses left', 'last used', 'reason']
  printTable(
    cli,
    headers,
    issued.map((code) => toCells(code, now)),
  )
}

/** What `--json` prints: public, fields are added and never renamed. */
function toView({ id, createdAt, expiresAt, usesLeft, lastUsedAt, reason }: OneTimeCode) {
  return {
    id,
    issued_at: formatTime(createdAt),
    until: optionalTime(expiresAt),
    uses_left: usesLeft,
    last_used_at: optionalTime(lastUsedAt),
    reason: reason ?? null,
  }
}

function toCells(code: OneTimeCode, now: UnixSeconds): readonly string[] {
  const view = toView(code)
  const isOver = code.usesLeft > 0 && !isSpendable(code, now)
  return [
    shortId(code),
    view.issued_at,
    `${view.until ?? 'revoked'}${isOver ? ' (over)' : ''}`,
    String(view.uses_left),
    view.last_used_at ?? 'never',
    view.reason ?? '-',
  ]
}
