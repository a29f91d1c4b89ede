import { AppError } from '../base/errors.ts'
import type { NssDatabase } from './nsswitch.ts'

const STATUS_FOUND = 0
const STATUS_NOT_FOUND = 2
const OUTPUT_LIMIT_BYTES = 64 * 1024 * 1024

/** One run of getent(1). */
export interface GetentRequest {
  readonly program: string
  readonly timeLimitMilliseconds: number
  readonly database: NssDatabase
  /** Without a key: every entry the sources enumerate. */
  readonly key?: string
}

/**
 * The lines getent gives, as binary strings; `undefined`: there is no such entry. Throws
 * ERR_PASSWD_FAILED for any other status, a signal, a time-out or too much output. (A directory
 * that is down and does not say so looks like "no such entry" to getent itself.)
 */
export function runGetent(request: GetentRequest): readonly string[] | undefined {
  const { program, database, key } = request
  // Loaded when it is needed: most names are local, and node:child_process takes longer to load than
  // all of otpgate.
  const { spawnSync } = process.getBuiltinModule('node:child_process')
  const result = spawnSync(program, key === undefined ? [database] : [database, '--', key], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
    encoding: 'latin1',
    timeout: request.timeLimitMilliseconds,
    killSignal: 'SIGKILL',
    maxBuffer: OUTPUT_LIMIT_BYTES,
  })
  if (result.error === undefined && result.status === STATUS_NOT_FOUND) return undefined
  if (result.error !== undefined || result.status !== STATUS_FOUND) {
    throw new AppError('ERR_PASSWD_FAILED', `cannot ask the ${database} database`, {
      hint: `run "getent ${database}" to see what is wrong`,
      cause: result.error ?? `status ${result.status}, signal ${result.signal}`,
    })
  }
  return result.stdout.split('\n').filter((line) => line !== '')
}
