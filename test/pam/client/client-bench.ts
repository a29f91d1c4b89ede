import { spawn } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeScript } from '../../bin/temporary-checkout.ts'
import { DIRECTORY_PREFIX } from '../../support/host-scope.ts'
import { buildClient, compileSupport } from './client-program.ts'

/** What the stand-in for the direct verifier ends with: neither a yes nor the client's own no. */
export const WENT_DIRECT = 42
const PATIENCE_MS = 30_000

/** An environment as sshd and pam_exec make one, behind a key. */
export const SSHD_ENTRIES = [
  'PAM_SERVICE=sshd',
  'PAM_USER=alice',
  'PAM_TTY=ssh',
  'PAM_RHOST=203.0.113.9',
  'PAM_TYPE=auth',
  'SSH_CONNECTION=203.0.113.9 40000 192.0.2.1 22',
  'SSH_AUTH_INFO_0=password\n',
] as const

export interface ClientRun {
  readonly args?: readonly string[]
  /** In place of SSHD_ENTRIES; text, or bytes. */
  readonly entries?: readonly (string | Buffer)[]
  readonly input?: string | Buffer
  /** Descriptors that are closed, such as `02`. */
  readonly closed?: string
  /** What starts it, such as strace with its options. */
  readonly wrapper?: readonly string[]
  /** What starts all that, and may be a shell: it need not keep the environment. */
  readonly namespace?: readonly string[]
  /** In place of the client. */
  readonly program?: string
  readonly uid?: number
}

export interface ClientEnd {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
  readonly milliseconds: number
}

/** What reached the stand-in. */
export interface DirectCall {
  readonly args: readonly string[]
  readonly entries: readonly string[]
  readonly stdin: string
  readonly limits: string
}

/** The client as installed, with a stand-in for the direct verifier beside it. */
export interface ClientBench {
  /** Root's, 0755, for sockets as well. */
  readonly directory: string
  readonly client: string
  run(options?: ClientRun): Promise<ClientEnd>
  /** The stand-in's call in the last run; `undefined`: there was none. */
  takeDirectCall(): DirectCall | undefined
  removeDirect(): void
  close(): void
}

/** Compiles the client and what starts it. */
export function openClientBench(): ClientBench {
  const top = mkdtempSync(join(tmpdir(), `${DIRECTORY_PREFIX}${process.pid}-client-`))
  chmodSync(top, 0o711)
  const directory = join(top, 'bench')
  mkdirSync(directory)
  const built = join(top, 'otpgate-client')
  const client = join(directory, 'otpgate-verify')
  const direct = join(directory, 'otpgate-verify-direct')
  const rawStart = join(directory, 'raw-start')
  const record = join(directory, 'record')
  buildClient(built)
  copyFileSync(built, client)
  compileSupport('raw-start.c', rawStart)
  writeScript(direct, [
    `mkdir ${record} && cd ${record} || exit 1`,
    'for word; do printf "%s\\0" "$word"; done >args',
    'cat /proc/$$/environ >environ',
    'cat /proc/$$/limits >limits',
    'cat >stdin',
    `exit ${WENT_DIRECT}`,
  ])
  return {
    directory,
    client,
    run: (options = {}) => {
      rmSync(record, { recursive: true, force: true })
      return start(rawStart, { program: client, ...options })
    },
    takeDirectCall: () => {
      if (!existsSync(record)) return undefined
      const call = readCall(record)
      rmSync(record, { recursive: true })
      return call
    },
    removeDirect: () => rmSync(direct),
    close: () => rmSync(top, { recursive: true, force: true }),
  }
}

function toBytes(entry: string | Buffer): Buffer {
  return typeof entry === 'string' ? Buffer.from(entry) : entry
}

function readCall(record: string): DirectCall {
  const read = (name: string) => readFileSync(join(record, name), 'latin1')
  return {
    args: read('args').split('\0').slice(0, -1),
    entries: read('environ').split('\0').slice(0, -1),
    stdin: read('stdin'),
    limits: read('limits'),
  }
}

function start(
  rawStart: string,
  run: ClientRun & { readonly program: string },
): Promise<ClientEnd> {
  const {
    args = [],
    entries = SSHD_ENTRIES,
    input = '',
    closed = '',
    wrapper = [],
    namespace = [],
    uid,
  } = run
  const hex = entries.map((entry) => toBytes(entry).toString('hex'))
  const words = [
    ...namespace,
    rawStart,
    String(hex.length),
    ...hex,
    `-${closed}`,
    ...wrapper,
    run.program,
    ...args,
  ]
  return new Promise((resolve, reject) => {
    const startedAt = performance.now()
    const options = {
      cwd: '/',
      timeout: PATIENCE_MS,
      env: {},
      ...(uid === undefined ? {} : { uid }),
    }
    const [file = rawStart, ...rest] = words
    const child = spawn(file, rest, options)
    const seen = { stdout: '', stderr: '' }
    child.stdout.setEncoding('latin1').on('data', (text: string) => {
      seen.stdout += text
    })
    child.stderr.setEncoding('latin1').on('data', (text: string) => {
      seen.stderr += text
    })
    child.stdin.on('error', () => {
      // A client that refuses early reads no answer.
    })
    child.on('error', reject)
    child.on('close', (status) => {
      resolve({ status, ...seen, milliseconds: performance.now() - startedAt })
    })
    child.stdin.end(input)
  })
}
