import { spawnSync } from 'node:child_process'
import { AppError } from '../base/errors.ts'
import { toPrintable } from '../base/text.ts'
import { errnoOf } from './errno.ts'

const FLOCK = '/usr/bin/flock'
const BUSY_STATUS = 75

/**
 * Locks an open file for this process alone; whether nobody else has it. Node has no
 * flock(2). Its lock is of the open file and not of the process, so a child can take it for ours, which
 * the kernel ends with our descriptor: SIGKILL lets go of it, too. Throws ERR_REFUSED where it cannot be
 * tried; `path` is for the words.
 */
export function lockOpenFile(fd: number, path: string): boolean {
  const options = ['--exclusive', '--nonblock', '--conflict-exit-code', String(BUSY_STATUS)]
  const { status, error } = spawnSync(FLOCK, [...options, '3'], {
    stdio: ['ignore', 'ignore', 'ignore', fd],
  })
  if (status === 0) return true
  if (status === BUSY_STATUS) return false
  const reason = errnoOf(error) ?? `status ${status}`
  throw new AppError('ERR_REFUSED', `cannot lock ${toPrintable(path)}: ${FLOCK} (${reason})`, {
    hint: 'it is of the package util-linux, and needed so that only one run is at it',
    cause: error,
  })
}
