import { mkdirSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { createHostScope } from '../../test/support/host-scope.ts'
import { type ProgramResult, runProgram } from '../../test/support/run-program.ts'
import { writeConfig } from './config-file.ts'
import { VERIFIER } from './program.ts'
import { type Attempt, type Stage, seen, type TranscriptLine, typed } from './stage.ts'

/** An address of RFC 5737, for documentation. */
const CLIENT = '192.0.2.7'
const SERVER = '192.0.2.1 22'
const FIRST_CLIENT_PORT = 50_000

/** As sshd lists the methods that have passed: the type of the key is enough for the verifier. */
const KEY_PASSED = 'publickey ssh-ed25519 AAAA\n'
const BOTH_PASSED = `${KEY_PASSED}keyboard-interactive/pam\n`

/** One run of the verifier: what a line of pam.d gives it. */
interface PamCall {
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly answer?: string
}

/** Runs the verifier once; its status, and how that looks to a person. */
type RunVerifier = (call: PamCall) => Promise<Verdict>

interface Verdict {
  readonly status: number | undefined
  readonly shown: readonly TranscriptLine[]
}

/**
 * Plays sshd's part: runs the verifier as pam_exec would, with PAM's environment and the code on
 * stdin. Changes nothing on the machine, needs nobody's rights, and logs in whoever runs it.
 */
export function openPamStage(): Stage {
  const { directory, cleanup } = createHostScope()
  const secretDirectory = join(directory, 'secret')
  mkdirSync(secretDirectory, { mode: 0o700 })
  const configPath = writeConfig({ directory, secretDirectory })
  const user = userInfo().username
  let port = FIRST_CLIENT_PORT
  return {
    user,
    configPath,
    about:
      `It plays sshd's part for ${user}: it runs bin/otpgate-verify as pam_exec does, with PAM's ` +
      'environment (PAM_USER, PAM_TYPE, SSH_CONNECTION, ...) and the code on stdin. Exit status ' +
      '0 means yes, 1 means no.',
    removes: 'the temporary folder',
    logIn: (code) => {
      const env = describeLogin(user, port++)
      const run: RunVerifier = async (call) =>
        runOnce(configPath, { ...call, env: { ...env, ...call.env } })
      return code === undefined ? logInWithKey(run) : logInWithCode(run, code)
    },
    close: () => cleanup.run(),
  }
}

function describeLogin(user: string, port: number): PamCall['env'] {
  return {
    PAM_SERVICE: 'sshd',
    PAM_USER: user,
    PAM_TTY: 'ssh',
    PAM_RHOST: CLIENT,
    SSH_CONNECTION: `${CLIENT} ${port} ${SERVER}`,
  }
}

/** An sshd that asks for nothing but the key still runs the account phase, with this list empty. */
async function logInWithKey(run: RunVerifier): Promise<Attempt> {
  const account = await run({
    args: ['--account'],
    env: { PAM_TYPE: 'account', SSH_AUTH_INFO_0: '' },
  })
  const remark = seen('(sshd has proven one method, and goes on to the account phase)')
  return { outcome: judge(account), transcript: [...remark, ...account.shown] }
}

/** The lines of examples/pam.d/otpgate-key-then-code, one after the other. */
async function logInWithCode(run: RunVerifier, code: string): Promise<Attempt> {
  const auth = { PAM_TYPE: 'auth', SSH_AUTH_INFO_0: KEY_PASSED }
  const excused = await run({ args: ['--excused'], env: auth })
  if (judge(excused) !== 'refused') return { outcome: 'broken', transcript: excused.shown }
  const verified = await run({ args: [], env: auth, answer: code })
  const asked = [...excused.shown, ...verified.shown]
  if (judge(verified) !== 'let-in') return { outcome: judge(verified), transcript: asked }
  const account = await run({
    args: ['--account'],
    env: { PAM_TYPE: 'account', SSH_AUTH_INFO_0: BOTH_PASSED },
  })
  return { outcome: judge(account), transcript: [...asked, ...account.shown] }
}

function judge({ status }: Verdict): Attempt['outcome'] {
  if (status === 0) return 'let-in'
  return status === 1 ? 'refused' : 'broken'
}

async function runOnce(configPath: string, { args, env, answer = '' }: PamCall): Promise<Verdict> {
  const result = await runProgram(VERIFIER, ['--config', configPath, ...args], {
    env,
    input: answer,
  })
  return { status: result.status, shown: show(result, args, answer) }
}

function show(
  { status, stdout, stderr }: ProgramResult,
  args: readonly string[],
  answer: string,
): TranscriptLine[] {
  const input = answer === '' ? '' : `printf ${answer} | `
  return [
    typed(`${input}${['otpgate-verify', ...args].join(' ')}`),
    ...seen(stdout),
    ...seen(stderr),
    ...seen(`(exit status ${status ?? 'none'})`),
  ]
}
