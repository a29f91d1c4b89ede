import { Command } from 'commander'
import { narrowStore } from '../../../app/own-store.ts'
import { verifyInvitation } from '../../../app/verify-self.ts'
import type { UnixSeconds } from '../../../base/time.ts'
import type { AccountState } from '../../../domain/account.ts'
import type { Denied } from '../../../domain/decision.ts'
import { type Messages, messageFor, roughly } from '../../../domain/message.ts'
import { parseOneTimeCode } from '../../../domain/one-time-code.ts'
import { holdsInvitation, judgeSelfEnrolling } from '../../../domain/self-service.ts'
import type { Cli } from '../../context.ts'
import { enrollPerson } from '../enroll.ts'
import { OwnError } from './own-error.ts'
import { type OwnTask, withOwnSession } from './own-session.ts'
import { refusal } from './refusal.ts'

const TRIES = 3
/** As an admin's `enroll` without any: what does not come from here, the host's configuration says. */
const DIALOGUE = { config: '', confirm: true, recovery: true } as const

/** `otpgate self enroll` */
export function selfEnrollCommand(cli: Cli): Command {
  return new Command('enroll')
    .description('set up your second factor: QR code, confirmation, recovery codes')
    .action((_, command: Command) => withOwnSession(cli, command, enroll))
}

async function enroll(task: OwnTask): Promise<void> {
  const { cli, session, entry } = task
  const { ports } = session
  const needsCode = requireOpen(task, await ports.register.find(entry.name), ports.now())
  const codeId = needsCode ? await askForInvitation(task) : undefined
  const store = narrowStore(ports.store, entry, (state, now) => {
    const isHeld = !requireOpen(task, state, now) || holdsInvitation(state, codeId, now)
    if (!isHeld) throw refusal('not-invited')
  })
  await enrollPerson(cli, { ...session, ports: { ...ports, store } }, entry, DIALOGUE)
}

/** Whether it takes an invitation code. Throws where the person may not enroll at all. */
function requireOpen({ session, entry }: OwnTask, state: AccountState, now: UnixSeconds): boolean {
  const { selfEnroll } = session.config.policy
  const verdict = judgeSelfEnrolling(state, { uid: entry.uid, now, selfEnroll })
  if (verdict.outcome === 'refused') throw refusal(verdict.reason)
  return verdict.needsCode
}

/** Asks for the invitation code; the id of the stored one. Throws ERR_REFUSED. */
async function askForInvitation({ cli, session, entry }: OwnTask): Promise<string> {
  const { ports, policy, config } = session
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    const line = await cli.prompter.readSecretLine('Your invitation code: ')
    if (line === undefined || line.trim() === '') break
    const parts = parseOneTimeCode(line)
    if (parts === undefined) {
      cli.talk('That is not an invitation code: it has four groups of four characters.')
      continue
    }
    const decision = await verifyInvitation(ports, policy, entry, parts)
    if (decision.outcome === 'invited') return decision.codeId
    cli.talk(explain(decision, config.messages, ports.now()))
    if (decision.reason !== 'code-wrong') break
  }
  throw new OwnError('ERR_REFUSED', 'nothing was changed: that takes your invitation code', {
    hint: 'ask your administrator for a new one where it is lost',
  })
}

/** Who enrolls has neither an app nor a recovery code to turn to. */
function explain(denied: Denied, messages: Messages, now: UnixSeconds): string {
  const { budget, until } = denied
  if (budget === undefined) return messageFor(denied, messages, now) ?? 'That code is not right.'
  return until === undefined
    ? 'Too many wrong codes. Ask your administrator.'
    : `Too many wrong codes. Try again in ${roughly(until - now)}, or ask your administrator.`
}
