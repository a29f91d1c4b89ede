import { runProgram } from './run-program.ts'

export interface PamRun {
  readonly service: string
  readonly user: string
  /** In this order; `authenticate` where nothing is said. pamtester(1) knows more. */
  readonly operations?: readonly string[]
  /** One a question; where they run out, pamtester reads the end of its input. */
  readonly answers?: readonly string[]
  /** PAM's environment, such as SSH_AUTH_INFO_0. */
  readonly env?: Readonly<Record<string, string>>
  /** PAM items: rhost, ruser, tty. */
  readonly items?: Readonly<Record<string, string>>
  readonly timeoutMs?: number
}

export interface PamResult {
  /** Every operation succeeded. */
  readonly ok: boolean
  /** What the user and the tester saw, stdout before stderr. */
  readonly output: string
  readonly timedOut: boolean
}

/** Runs a PAM service without sshd, by pamtester(1). It does not show what setcred would do. */
export async function runPamTester(run: PamRun): Promise<PamResult> {
  const { operations = ['authenticate'], answers = [], env = {}, items = {} } = run
  const args = [
    ...Object.entries(env).flatMap(([name, value]) => ['-E', `${name}=${value}`]),
    ...Object.entries(items).flatMap(([name, value]) => ['-I', `${name}=${value}`]),
    ...[run.service, run.user],
    ...operations,
  ]
  const input = answers.map((answer) => `${answer}\n`).join('')
  const result = await runProgram('pamtester', args, { input, timeoutMs: run.timeoutMs })
  const output = result.stdout + result.stderr
  return { ok: result.status === 0, output, timedOut: result.timedOut }
}
