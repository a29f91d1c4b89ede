import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { AppError } from '../base/errors.ts'
import { runBound } from './bound-process.ts'

const TIME_LIMIT_MILLISECONDS = 60_000
const KEY_MILLISECONDS = 30_000

/** Stands where a person would type (SSH_ASKPASS, ssh(1)): notes the question, gives the answer. */
export const ASKPASS = `#!/bin/sh -p
printf '%s\\n' "$1" >>"$OTPGATE_TRIAL_QUESTIONS"
printf '%s\\n' "$OTPGATE_TRIAL_ANSWER"
`

/** A key pair that lives as long as its directory. */
export interface TrialKey {
  readonly file: string
  /** Type and key, as in authorized_keys, without a comment. */
  readonly publicPart: string
}

/** One login with the host's own ssh(1). */
export interface TrialAttempt {
  readonly port: number
  readonly user: string
  readonly keyFile: string
  /** To every question. `undefined`: no question is taken, the key is all there is. */
  readonly answer: string | undefined
  /** Absolute, executable: the text of `ASKPASS`. */
  readonly askpass: string
  /** Where the questions are noted. */
  readonly questions: string
  readonly command: string
}

/** What came of it. */
export interface TrialAnswer {
  /** Logged in, and what ran there ended with 0. */
  readonly isIn: boolean
  readonly stdout: string
  /** All that the person would have read: words and questions. */
  readonly seen: string
  readonly isAsked: boolean
}

/** Makes a key by ssh-keygen(1). Throws ERR_OUTPUT_FAILED. */
export async function makeTrialKey(directory: string): Promise<TrialKey> {
  const file = join(directory, 'key')
  const args = ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', file]
  const result = await runBound({ program: 'ssh-keygen', args }, KEY_MILLISECONDS)
  if (result?.status !== 0) {
    throw new AppError('ERR_OUTPUT_FAILED', 'ssh-keygen makes no key for the trial', {
      hint: 'install openssh-client; see what it says: ssh-keygen -t ed25519 -f /tmp/key',
    })
  }
  return { file, publicPart: readFileSync(`${file}.pub`, 'utf8').trim() }
}

/** Logs in. Throws ERR_OUTPUT_FAILED where there is no ssh. */
export async function attemptLogin(attempt: TrialAttempt): Promise<TrialAnswer> {
  const target = ['-p', String(attempt.port), '-l', attempt.user, '127.0.0.1']
  const args = ['-F', 'none', '-i', attempt.keyFile, ...optionsOf(attempt), ...target]
  const env = {
    SSH_ASKPASS: attempt.askpass,
    SSH_ASKPASS_REQUIRE: 'force',
    // Before OpenSSH 8.4 it takes a display to be asked through a program.
    DISPLAY: 'none',
    OTPGATE_TRIAL_QUESTIONS: attempt.questions,
    // Root's to read while ssh runs, and then nowhere: a file might outlive this process.
    OTPGATE_TRIAL_ANSWER: attempt.answer ?? '',
  }
  const command = { program: 'ssh', args: [...args, '--', attempt.command], env }
  const result = await runBound(command, TIME_LIMIT_MILLISECONDS)
  if (result === undefined || result.status === NOT_FOUND) {
    const hint = 'install openssh-client: the trial logs in as a person would'
    throw new AppError('ERR_OUTPUT_FAILED', 'there is no ssh on this host', { hint })
  }
  const asked = readQuestions(attempt.questions)
  const { status, stdout, stderr } = result
  return { isIn: status === 0, stdout, seen: `${stderr}\n${asked}`, isAsked: asked !== '' }
}

/** setpriv's own, as of a shell. */
const NOT_FOUND = 127

/** No file, agent or connection of the person who runs the set-up has a part in it. */
function optionsOf({ answer }: TrialAttempt): readonly string[] {
  const methods = answer === undefined ? 'publickey' : 'publickey,keyboard-interactive'
  const options = [
    `PreferredAuthentications=${methods}`,
    'NumberOfPasswordPrompts=1',
    // The other end is this very process, on the loopback interface.
    'StrictHostKeyChecking=no',
    'UserKnownHostsFile=/dev/null',
    'GlobalKnownHostsFile=/dev/null',
    'UpdateHostKeys=no',
    'IdentitiesOnly=yes',
    'IdentityAgent=none',
    'ControlMaster=no',
    'ControlPath=none',
    'ConnectTimeout=10',
    'LogLevel=INFO',
  ]
  return options.flatMap((option) => ['-o', option])
}

function readQuestions(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
