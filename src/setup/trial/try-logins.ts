import { join } from 'node:path'
import { toPrintable } from '../../base/text.ts'
import { randomBytes } from '../../host/randomness.ts'
import { greetsAsSsh } from '../../host/sshd-banner.ts'
import { attemptLogin, type TrialAnswer } from '../../host/trial-client.ts'
import { readLastWords } from './last-words.ts'
import type { TrialReport, TrialRequest, TrialStep } from './trial.ts'

/** What the clients of a trial work with. */
export interface TrialFiles {
  readonly directory: string
  readonly keyFile: string
  /** A program. */
  readonly askpass: string
}

/** An sshd on trial that listens, and where it logs. */
export interface TrialTarget extends TrialFiles {
  readonly port: number
  readonly log: string
}

type Failure = Extract<TrialReport, { outcome: 'failed' }>
type Complaint = Pick<Failure, 'what' | 'hint'>

/** No code of any kind, so that it is refused and never counted. */
const NO_CODE = 'otpgate-trial'
const MARKER_BYTES = 8
const GREETING_MILLISECONDS = 5000

/** The steps that take a connection; the first that fails is the last. */
export async function tryLogins(request: TrialRequest, target: TrialTarget): Promise<TrialReport> {
  const steps: readonly { step: TrialStep; go: () => Promise<Complaint | undefined> }[] = [
    { step: 'sshd answers', go: () => tryGreeting(target) },
    { step: 'an answer that is no code is refused', go: () => tryNoCode(request, target) },
    { step: 'a key alone is refused', go: () => tryKeyAlone(request, target) },
    { step: 'a key and a code log in', go: () => tryCode(request, target) },
  ]
  for (const { step, go } of steps) {
    if (step === 'a key and a code log in' && request.code === undefined) break
    request.onStep?.(step)
    const complaint = await go()
    if (complaint !== undefined) return { outcome: 'failed', step, ...complaint }
  }
  return { outcome: 'passed', loggedIn: request.code !== undefined }
}

async function tryGreeting({ port, log }: TrialTarget): Promise<Complaint | undefined> {
  if (await greetsAsSsh([{ host: '127.0.0.1', port }], GREETING_MILLISECONDS)) return undefined
  return { what: `sshd does not start with the settings${readLastWords(log)}`, hint: SEE_LOG }
}

async function tryNoCode(
  request: TrialRequest,
  target: TrialTarget,
): Promise<Complaint | undefined> {
  const { account, prompt } = request
  const answer = await logIn(request, target, { name: 'no-code', answer: NO_CODE })
  if (answer.isIn) return letIn(account, 'without a code')
  if (answer.seen.includes(prompt)) return undefined
  const what = answer.isAsked
    ? 'sshd asks something, but not for a code'
    : 'sshd does not ask for a code'
  const words = `${what}${readLastWords(target.log)}`
  return { what: words, hint: `try a login of theirs: otpgate test ${account}; ${SEE_LOG}` }
}

async function tryKeyAlone(
  request: TrialRequest,
  target: TrialTarget,
): Promise<Complaint | undefined> {
  const { isIn } = await logIn(request, target, { name: 'key-alone', answer: undefined })
  return isIn ? letIn(request.account, 'by a key alone') : undefined
}

async function tryCode(request: TrialRequest, target: TrialTarget): Promise<Complaint | undefined> {
  const marker = randomBytes(MARKER_BYTES).toString('hex')
  const answer = request.code?.toString('latin1') ?? ''
  const result = await logIn(request, target, { name: 'code', answer, command: `echo ${marker}` })
  if (result.stdout.includes(marker)) return undefined
  const { account } = request
  return {
    what: `a login with the code came to nothing${readLastWords(target.log)}`,
    hint: `wait for the next code and try again; what otpgate said: otpgate audit ${account} --since 10m`,
  }
}

function logIn(
  { account: user }: TrialRequest,
  { port, directory, keyFile, askpass }: TrialTarget,
  {
    name,
    answer,
    command = 'true',
  }: { name: string; answer: string | undefined; command?: string },
): Promise<TrialAnswer> {
  const questions = join(directory, `questions-${name}`)
  return attemptLogin({ port, user, keyFile, answer, askpass, questions, command })
}

/** An excuse for the address of the trial lets the trial in, and says nothing of the code. */
function letIn(account: string, how: string): Complaint {
  const name = toPrintable(account)
  return {
    what: `${name} was let in ${how}`,
    hint: `see what excuses them: otpgate test ${name} --from 127.0.0.1 --service sshd`,
  }
}

const SEE_LOG = "the host's log of sshd may say more: journalctl -t sshd, or /var/log/auth.log"
