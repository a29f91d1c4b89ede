import type { ChildProcess, StdioOptions } from 'node:child_process'
import { errnoOf } from './errno.ts'

const OUTPUT_LIMIT_BYTES = 1024 * 1024

/** All that such a program sees. */
const ENVIRONMENT: Readonly<Record<string, string>> = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LC_ALL: 'C',
}

/** A program to be run; nothing of the caller's environment is handed on. */
export interface BoundProgram {
  readonly program: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** How a program ended. `status`: `undefined` where a signal or the time limit ended it. */
export interface BoundResult {
  readonly status: number | undefined
  readonly stdout: string
  readonly stderr: string
}

/**
 * Starts a program that the kernel ends as soon as this process ends, however that comes
 * (PR_SET_PDEATHSIG, prctl(2)), in a session of its own: what is typed at our terminal is not for it.
 */
export function startBound(
  { program, args, env }: BoundProgram,
  stdio: StdioOptions,
): ChildProcess {
  const { spawn } = process.getBuiltinModule('node:child_process')
  return spawn('setpriv', ['--pdeathsig', 'KILL', '--', program, ...args], {
    cwd: '/',
    env: { ...ENVIRONMENT, ...env },
    stdio,
    detached: true,
  })
}

/** Runs such a program to its end; `undefined`: it cannot be started. Its stdin is empty. */
export function runBound(
  command: BoundProgram,
  limitMilliseconds: number,
): Promise<BoundResult | undefined> {
  return new Promise((resolve, reject) => {
    const child = startBound(command, ['ignore', 'pipe', 'pipe'])
    const stdout = collect(child.stdout)
    const stderr = collect(child.stderr)
    const timer = setTimeout(() => endGroup(child), limitMilliseconds)
    child.on('error', (error) => {
      clearTimeout(timer)
      if (errnoOf(error) === 'ENOENT') resolve(undefined)
      else reject(error)
    })
    child.on('close', (status) => {
      clearTimeout(timer)
      resolve({ status: status ?? undefined, stdout: stdout(), stderr: stderr() })
    })
  })
}

/** Ends such a program and what it has started in its session. */
export function endGroup({ pid }: Pick<ChildProcess, 'pid'>): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}

function collect(stream: NodeJS.ReadableStream | null): () => string {
  const chunks: Buffer[] = []
  let length = 0
  stream?.on('data', (chunk: Buffer) => {
    length += chunk.length
    if (length <= OUTPUT_LIMIT_BYTES) chunks.push(chunk)
  })
  return () => Buffer.concat(chunks).toString('utf8')
}
