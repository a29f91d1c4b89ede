import { type Answers, layOutAnswers } from './asked.ts'
import type { KeyPair } from './client-key.ts'
import type { PrivateSshd } from './private-sshd.ts'
import { type ProgramOptions, type ProgramResult, runProgram } from './run-program.ts'
import { type SeenText, splitSeenText } from './seen-text.ts'

/** One login with OpenSSH's own clients. Methods are those there is something to offer for. */
export interface ClientRequest extends Answers {
  readonly user: string
  readonly key?: KeyPair | undefined
  /** More `ssh -o` options, such as `SendEnv=X`; the first value wins, so these do. */
  readonly options?: readonly string[]
  readonly timeoutMs?: number
}

export interface LoginRequest extends ClientRequest {
  /** What to run there; `true` where nothing is said. */
  readonly command?: string
  /** For the command's stdin. */
  readonly input?: string
}

export interface ClientResult extends ProgramResult, SeenText {
  /** Logged in, and what ran there ended with 0. */
  readonly ok: boolean
}

/** Logs in with ssh(1) and runs a command. A refused login is a result with `ok: false`. */
export function loginWithSsh(sshd: PrivateSshd, request: LoginRequest): Promise<ClientResult> {
  const target = ['-p', String(sshd.port), '-l', request.user, sshd.host]
  const args = [...target, '--', request.command ?? 'true']
  return runClient('ssh', sshd, request, args, request.input)
}

/** Copies a local file to a path there with scp(1). */
export function copyWithScp(
  sshd: PrivateSshd,
  request: ClientRequest,
  from: string,
  to: string,
): Promise<ClientResult> {
  const target = `${request.user}@${sshd.host}:${to}`
  return runClient('scp', sshd, request, ['-q', '-P', String(sshd.port), from, target])
}

/** Runs these lines in sftp(1). Not by -b, which stands for BatchMode: nobody would be asked. */
export function runSftp(
  sshd: PrivateSshd,
  request: ClientRequest,
  lines: readonly string[],
): Promise<ClientResult> {
  const args = ['-P', String(sshd.port), `${request.user}@${sshd.host}`]
  return runClient('sftp', sshd, request, args, `${lines.join('\n')}\n`)
}

/** Copies a local file to a path there with rsync(1), which runs ssh. */
export function copyWithRsync(
  sshd: PrivateSshd,
  request: ClientRequest,
  from: string,
  to: string,
): Promise<ClientResult> {
  const ssh = ['ssh', '-p', String(sshd.port), ...renderOptions(sshd, request)].join(' ')
  const target = `${request.user}@${sshd.host}:${to}`
  return runAsked('rsync', sshd, request, ['-e', ssh, from, target])
}

/** Clones a repository there with git(1), which runs ssh. */
export function cloneWithGit(
  sshd: PrivateSshd,
  request: ClientRequest,
  from: string,
  to: string,
): Promise<ClientResult> {
  const source = `ssh://${request.user}@${sshd.host}:${sshd.port}${from}`
  const ssh = ['ssh', ...renderOptions(sshd, request)].join(' ')
  const env = { GIT_SSH_COMMAND: ssh, HOME: sshd.directory }
  return runAsked('git', sshd, request, ['clone', '--quiet', source, to], { env })
}

function runClient(
  program: string,
  sshd: PrivateSshd,
  request: ClientRequest,
  args: readonly string[],
  input?: string,
): Promise<ClientResult> {
  return runAsked(program, sshd, request, [...renderOptions(sshd, request), ...args], { input })
}

/** Runs a program that asks its questions through ssh. */
async function runAsked(
  program: string,
  sshd: PrivateSshd,
  request: ClientRequest,
  args: readonly string[],
  { env = {}, input }: Pick<ProgramOptions, 'env' | 'input'> = {},
): Promise<ClientResult> {
  const exchange = layOutAnswers(sshd.directory, request)
  try {
    const limits = { input, timeoutMs: request.timeoutMs }
    const result = await runProgram(program, args, { env: { ...exchange.env, ...env }, ...limits })
    const seen = splitSeenText(exchange.readQuestions(), result.stderr)
    return { ...result, ...seen, ok: result.status === 0 }
  } finally {
    exchange.remove()
  }
}

/** No file, agent or connection of the person who runs the tests has a part in it. */
function renderOptions(sshd: PrivateSshd, request: ClientRequest): string[] {
  const options = [
    ...(request.options ?? []),
    `PreferredAuthentications=${offeredMethods(request).join(',')}`,
    `PubkeyAuthentication=${request.key === undefined ? 'no' : 'yes'}`,
    // One question an answer: where they run out, ssh would go on with empty ones.
    `NumberOfPasswordPrompts=${Math.max(1, request.answers?.length ?? 0)}`,
    `UserKnownHostsFile=${sshd.knownHosts}`,
    'GlobalKnownHostsFile=/dev/null',
    'StrictHostKeyChecking=yes',
    'UpdateHostKeys=no',
    // ssh's first choice takes it nine times as long, and how keys are agreed on is nothing of ours.
    'KexAlgorithms=^curve25519-sha256',
    'IdentitiesOnly=yes',
    'IdentityAgent=none',
    'ControlMaster=no',
    'ControlPath=none',
    'ConnectTimeout=10',
    'LogLevel=INFO',
  ]
  const identity = request.key === undefined ? [] : ['-i', request.key.file]
  return ['-F', 'none', ...identity, ...options.flatMap((option) => ['-o', option])]
}

function offeredMethods({ key, password, answers }: ClientRequest): string[] {
  return [
    ...(key === undefined ? [] : ['publickey']),
    ...(password === undefined ? [] : ['password']),
    ...(answers === undefined ? [] : ['keyboard-interactive']),
  ]
}
