import { spawn } from 'node:child_process'
import { AppError } from '../base/errors.ts'
import { toPrintable } from '../base/text.ts'

const FLOCK = '/usr/bin/flock'
const BUSY_STATUS = 75
const WAIT_SECONDS = 10

/**
 * Runs `act` while nobody else holds the lock on this file, which is made where it is missing. The
 * kernel ends it with whoever holds it, however that is: Node has no flock(2), so a child has it, and
 * lets go when its standard input ends. Throws ERR_SETUP_STATE where another one holds it for long.
 */
export async function withFileLock<T>(path: string, act: () => Promise<T>): Promise<T> {
  const release = await takeLock(path)
  try {
    return await act()
  } finally {
    await release()
  }
}

async function takeLock(path: string): Promise<() => Promise<void>> {
  const options = ['--exclusive', '--timeout', String(WAIT_SECONDS)]
  const conflict = ['--conflict-exit-code', String(BUSY_STATUS)]
  const hold = 'echo locked && exec cat'
  // A session of its own: Ctrl-C, and a terminal that goes away, are not for the lock.
  const holder = spawn(FLOCK, [...options, ...conflict, path, '-c', hold], {
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true,
  })
  const ended = new Promise<number | null>((resolve) => {
    holder.on('error', () => resolve(null)).on('exit', (status) => resolve(status))
  })
  const locked = new Promise<'locked'>((resolve) => {
    holder.stdout?.once('data', () => resolve('locked'))
  })
  const first = await Promise.race([locked, ended])
  if (first !== 'locked') throw notLocked(path, first)
  return async () => {
    holder.stdin?.end()
    await ended
  }
}

function notLocked(path: string, status: number | null): AppError {
  if (status === BUSY_STATUS) {
    return new AppError('ERR_SETUP_STATE', 'another otpgate setup is at work', {
      hint: 'see: otpgate setup status',
    })
  }
  return new AppError('ERR_SETUP_STATE', `cannot lock ${toPrintable(path)}`, {
    hint: `it takes ${FLOCK}, of util-linux`,
  })
}
