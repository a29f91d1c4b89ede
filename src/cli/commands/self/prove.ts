import { narrowStore } from '../../../app/own-store.ts'
import { verifySelf } from '../../../app/verify-self.ts'
import { parseAnswer } from '../../../domain/answer.ts'
import { type DenialReason, isAdmitted } from '../../../domain/decision.ts'
import { messageFor } from '../../../domain/message.ts'
import { findChangeRefusal } from '../../../domain/self-service.ts'
import type { Cli, Session } from '../../context.ts'
import { OwnError } from './own-error.ts'
import type { OwnTask } from './own-session.ts'
import { refusal } from './refusal.ts'

const TRIES = 3
const NOT_A_CODE = 'That is not a code: it has 6 to 8 digits; a recovery code has 16 characters.'
/** Another code may do. */
const TYPING_ERRORS: readonly DenialReason[] = ['code-wrong', 'code-replayed', 'not-a-code']

/**
 * Asks for a code before something of an enrolled person is changed; gives the session in which it
 * may be. `warning`: what that will mean, said before. Throws ERR_REFUSED or ERR_NOT_PERMITTED, and
 * then nothing but failures has been recorded.
 */
export async function proveInDialog(task: OwnTask, warning?: string): Promise<Session> {
  const { cli, session, entry } = task
  const { ports } = session
  const found = findChangeRefusal(await ports.register.find(entry.name), entry.uid)
  if (found !== undefined) throw refusal(found)
  if (warning !== undefined) cli.talk(warning)
  await askForProof(task)
  const store = narrowStore(ports.store, entry, (state) => {
    const reason = findChangeRefusal(state, entry.uid)
    if (reason !== undefined) throw refusal(reason)
  })
  return { ...session, ports: { ...ports, store } }
}

async function askForProof({ cli, session, entry }: OwnTask): Promise<void> {
  const { ports, policy, config } = session
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    const line = await cli.prompter.readSecretLine('Your code, or a recovery code: ')
    if (line === undefined || line.trim() === '') break
    const decision = await verifySelf(ports, policy, entry, parseAnswer(Buffer.from(line)))
    const message = messageFor(decision, config.messages, ports.now())
    if (message !== undefined) cli.talk(message)
    if (isAdmitted(decision)) return
    if (message === undefined) cli.talk(NOT_A_CODE)
    if (!TYPING_ERRORS.includes(decision.reason)) break
  }
  throw new OwnError('ERR_REFUSED', 'nothing was changed: that takes a code of yours', {
    hint: 'of your app, or a recovery code; what the help desk reads out is for logins alone',
  })
}

/** One line that is no secret. Throws ERR_REFUSED where there is none. */
export async function ask({ prompter }: Cli, question: string): Promise<string> {
  const line = (await prompter.readLine(question))?.trim()
  if (line) return line
  throw new OwnError('ERR_REFUSED', 'nothing was changed')
}
