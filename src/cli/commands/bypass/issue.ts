import { Command } from 'commander'
import { type IssuedBypass, issueBypass } from '../../../app/issue-bypass.ts'
import { requirePerson } from '../../../app/resolve-account.ts'
import { toPrintable } from '../../../base/text.ts'
import { formatDuration, formatTime } from '../../../base/time.ts'
import type { AccountState } from '../../../domain/account.ts'
import { renderDuration } from '../../../render/duration.ts'
import { renderSpokenCode } from '../../../render/spoken-code.ts'
import { throttleView } from '../../account-view.ts'
import { MOST_USES, parseTerm, parseUses } from '../../bypass-terms.ts'
import { type Cli, type CommonOptions, type Session, withSession } from '../../context.ts'
import { reasonOption } from '../../reason-option.ts'
import { printJson } from '../../report.ts'
import { shortId } from './short-id.ts'

interface IssueOptions extends CommonOptions {
  readonly for?: string
  readonly uses: string
  readonly reason?: string
}

/** `otpgate bypass USER` */
export function issueCommand(cli: Cli): Command {
  return new Command('issue')
    .description('make a code; the word issue may be left out')
    .argument('<user>')
    .option('--for <duration>', 'how long it works, such as 4h; at most 7d')
    .option('--uses <number>', `how many logins it is good for, 1 to ${MOST_USES}`, '1')
    .addOption(reasonOption('why, for the audit log and the list'))
    .action(async (user: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<IssueOptions>()
      await withSession(cli, options, (session) => issue(cli, session, user, options))
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
  state: AccountState,
): Promise<void> {
  if (state.kind === 'never-known') return
  const { recovery_lock: lock } = throttleView(state.account, policy.throttle, ports.now())
  if (lock === null) return
  const until = lock.until === null ? '' : ` before ${lock.until}`
  cli.talk(`Wrong recovery codes were typed: this one is not judged${until},`)
  cli.talk(`unless you run: otpgate unlock ${toPrintable(state.account.name)}`)
}
