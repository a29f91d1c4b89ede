import { Command } from 'commander'
import { type IssuedBypass, issueBypass } from '../../app/issue-bypass.ts'
import { requireKnown } from '../../app/known-account.ts'
import { requirePerson, resolveAccount } from '../../app/resolve-account.ts'
import { revokeBypass } from '../../app/revoke-bypass.ts'
import { plural, toPrintable } from '../../base/text.ts'
import { formatDuration, formatTime, type UnixSeconds } from '../../base/time.ts'
import { isSpendable, type OneTimeCode } from '../../domain/one-time-code.ts'
import { renderDuration } from '../../render/duration.ts'
import { renderSpokenCode } from '../../render/spoken-code.ts'
import { optionalTime, throttleView } from '../account-view.ts'
import { MOST_USES, parseChoice, parseTerm, parseUses } from '../bypass-terms.ts'
import { type Cli, type CommonOptions, type Session, withSession } from '../context.ts'
import { printTable } from '../print-table.ts'
import { printJson } from '../report.ts'

/** As many digits of an id as people are shown; more are taken. */
const SHOWN_ID_DIGITS = 8

interface IssueOptions extends CommonOptions {
  readonly for?: string
  readonly uses: string
  readonly reason?: string
}

interface RevokeOptions extends CommonOptions {
  readonly all?: true
  readonly reason?: string
}

/** `otpgate bypass USER`, `otpgate bypass list|revoke USER` */
export function bypassCommand(cli: Cli): Command {
  return new Command('bypass')
    .description('a temporary code for somebody without the phone, to read out on the line')
    .usage('USER --for 4h [options]\n       otpgate bypass list|revoke USER')
    .addCommand(issueCommand(cli), { isDefault: true })
    .addCommand(listCommand(cli))
    .addCommand(revokeCommand(cli))
}

function issueCommand(cli: Cli): Command {
  return new Command('issue')
    .description('make a code; the word issue may be left out')
    .argument('<user>')
    .option('--for <duration>', 'how long it works, such as 4h; at most 7d')
    .option('--uses <number>', `how many logins it is good for, 1 to ${MOST_USES}`, '1')
    .option('--reason <text>', 'why, for the audit log and the list')
    .action(async (user: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<IssueOptions>()
      await withSession(cli, options, (session) => issue(cli, session, user, options))
    })
}

function listCommand(cli: Cli): Command {
  return new Command('list')
    .description('the codes that were issued, never the codes themselves')
    .argument('<user>')
    .action(async (user: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<CommonOptions>()
      await withSession(cli, options, (session) => list(cli, session, user, options))
    })
}

function revokeCommand(cli: Cli): Command {
  return new Command('revoke')
    .description('take codes back: the only one, the one whose id begins like this, or all')
    .argument('<user>')
    .argument('[id]')
    .option('--all', 'each one')
    .option('--reason <text>', 'why, for the audit log')
    .action(async (user: string, id: string | undefined, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<RevokeOptions>()
      await withSession(cli, options, (session) => revoke(cli, session, user, id, options))
    })
}

async function issue(
  cli: Cli,
  session: Session,
  user: string,
  options: IssueOptions,
): Promise<void> {
  const { ports } = session
  const { reason, json } = options
  const forSeconds = parseTerm(options.for)
  const uses = parseUses(options.uses)
  const entry = requirePerson(ports.passwd, user)
  const issued = await issueBypass(ports, { entry, forSeconds, uses, reason, actor: cli.actor() })
  const shownName = toPrintable(entry.name)
  const lost = [
    `otpgate bypass revoke ${shownName} ${shortId(issued)}`,
    `otpgate bypass ${shownName} --for ${formatDuration(forSeconds)} --uses ${uses}`,
  ]
  if (json) {
    const { id, code, until } = issued
    const view = { user: entry.name, id, code, until: formatTime(until), uses }
    printJson(cli, { ...view, reason: reason ?? null }, ...lost)
  } else {
    printCode(cli, shownName, issued, { uses, forSeconds }, lost)
  }
  await warnOfLock(cli, session, await ports.register.find(entry.name))
}

function printCode(
  cli: Cli,
  user: string,
  issued: IssuedBypass,
  { uses, forSeconds }: { readonly uses: number; readonly forSeconds: number },
  lost: readonly string[],
): void {
  const times = uses === 1 ? 'once' : `${uses} times`
  cli.talk(`Bypass code of ${user}, shown this one time. It works ${times} within the next`)
  cli.talk(
    `${renderDuration(forSeconds)}, until ${formatTime(issued.until)}, in the place of a code.`,
  )
  cli.talk('Be sure who is on the line, then read it out group by group:')
  cli.talk('')
  cli.print(`${issued.code}\n\n${renderSpokenCode(issued.code)}\n`, ...lost)
  cli.talk('')
  cli.talk('Capitals and hyphens do not matter. Remembered logins are asked for a code again.')
  cli.talk(`To take it back: otpgate bypass revoke ${user} ${shortId(issued)}`)
}

/** The person would type the code, and be turned away by the wait of earlier wrong ones. */
async function warnOfLock(
  cli: Cli,
  { ports, policy }: Session,
  state: Awaited<ReturnType<Session['ports']['register']['find']>>,
): Promise<void> {
  if (state.kind === 'never-known') return
  const { recovery_lock: lock } = throttleView(state.account, policy.throttle, ports.now())
  if (lock === null) return
  const until = lock.until === null ? '' : ` before ${lock.until}`
  cli.talk(`Wrong recovery codes were typed: this one is not judged${until},`)
  cli.talk(`unless you run: otpgate unlock ${toPrintable(state.account.name)}`)
}

async function list(
  cli: Cli,
  { ports }: Session,
  user: string,
  { json }: CommonOptions,
): Promise<void> {
  const name = await resolveAccount(ports, user)
  const { oneTimeCodes } = requireKnown(await ports.register.find(name), name)
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

function shortId({ id }: Pick<OneTimeCode, 'id'>): string {
  return id.slice(0, SHOWN_ID_DIGITS)
}
