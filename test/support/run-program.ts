import { spawn } from 'node:child_process'

const DEFAULT_TIMEOUT_MS = 30_000

/** All a program sees: nothing of the caller's environment is handed on. */
export const BARE_ENVIRONMENT: Readonly<Record<string, string>> = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LC_ALL: 'C',
}

export interface ProgramOptions {
  /** Added to BARE_ENVIRONMENT. */
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string | undefined
  readonly timeoutMs?: number | undefined
}

export interface ProgramResult {
  /** `undefined`: ended by a signal, or by the time limit. */
  readonly status: number | undefined
  readonly stdout: string
  readonly stderr: string
  readonly timedOut: boolean
}

/**
 * Runs a program to its end, in a session of its own: without a terminal, so that it asks nobody,
 * and so that the time limit ends its children too. Rejects when it cannot be started.
 */
export function runProgram(
  file: string,
  args: readonly string[],
  { env = {}, input = '', timeoutMs = DEFAULT_TIMEOUT_MS }: ProgramOptions = {},
): Promise<ProgramResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { env: { ...BARE_ENVIRONMENT, ...env }, detached: true })
    const stdout = collect(child.stdout)
    const stderr = collect(child.stderr)
    let timedOut = false
    const timer = setTimeout(() => {
      timedOut = true
      endGroup(child.pid)
    }, timeoutMs)
    child.on('error', (error) => {
      clearTimeout(timer)
      reject(error)
    })
    child.on('close', (status) => {
      clearTimeout(timer)
      resolve({ status: status ?? undefined, stdout: stdout(), stderr: stderr(), timedOut })
    })
    child.stdin.on('error', () => {
      // A program that refuses early never reads its input; its status says what happened.
    })
    child.stdin.end(input)
  })
}

function collect(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = []
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  return () => Buffer.concat(chunks).toString('utf8')
}

function endGroup(leader: number | undefined): void {
  if (leader === undefined) return
  try {
    process.kill(-leader, 'SIGKILL')
  } catch {
    // The group ended by itself a moment ago.
  }
}
