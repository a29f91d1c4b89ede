import { AppError } from '../base/errors.ts'
import type { NssDatabase } from './nsswitch.ts'

const STATUS_FOUND = 0
const STATUS_NOT_FOUND = 2
const OUTPUT_LIMIT_BYTES = 64 * 1024 * 1024

/** Lines as binary strings; `undefined`: there is no such entry. */
export type GetentAnswer = readonly string[] | undefined

/** One run of getent(1). */
export interface GetentRequest {
  readonly program: string
  readonly timeLimitMilliseconds: number
  readonly database: NssDatabase
  /** Without a key: every entry the sources enumerate. */
  readonly key?: string
}

/**
 * What getent gives. Throws ERR_PASSWD_FAILED for any other status, a signal, a time-out or too much
 * output. (A directory that is down and does not say so looks like "no such entry" to getent itself.)
 */
export function runGetent(request: GetentRequest): GetentAnswer {
  // Loaded when it is needed: most names are local, and node:child_process takes longer to load than
  // all of otpgate.
  const { spawnSync } = process.getBuiltinModule('node:child_process')
  const { status, stdout, error } = spawnSync(request.program, argumentsOf(request), {
    ...optionsOf(request),
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return readAnswer(request, { status, stdout, error })
}

/** The same, while others may go on. */
export function startGetent(request: GetentRequest): Promise<GetentAnswer> {
  const { execFile } = process.getBuiltinModule('node:child_process')
  return new Promise((resolve, reject) => {
    const child = execFile(request.program, argumentsOf(request), optionsOf(request), end)
    child.stdin?.end()
    function end(failure: Error | null, stdout: string): void {
      // An exit status is a failure to execFile as well; without one it was killed, or never ran.
      const { exitCode: status } = child
      const error = status === null ? (failure ?? undefined) : undefined
      try {
        resolve(readAnswer(request, { status, stdout, error }))
      } catch (broken) {
        reject(broken)
      }
    }
  })
}

interface GetentResult {
  readonly status: number | null
  readonly stdout: string
  readonly error: Error | undefined
}

function readAnswer({ database }: GetentRequest, { status, stdout, error }: GetentResult) {
  if (error === undefined && status === STATUS_NOT_FOUND) return undefined
  if (error !== undefined || status !== STATUS_FOUND) {
    throw new AppError('ERR_PASSWD_FAILED', `cannot ask the ${database} database`, {
      hint: `run "getent ${database}" to see what is wrong`,
      cause: error ?? `status ${status}`,
    })
  }
  return stdout.split('\n').filter((line) => line !== '')
}

function argumentsOf({ database, key }: GetentRequest): string[] {
  return key === undefined ? [database] : [database, '--', key]
}

function optionsOf({ timeLimitMilliseconds }: GetentRequest) {
  return {
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
    encoding: 'latin1',
    timeout: timeLimitMilliseconds,
    killSignal: 'SIGKILL',
    maxBuffer: OUTPUT_LIMIT_BYTES,
  } as const
}
