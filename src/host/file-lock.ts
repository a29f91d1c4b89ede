import { closeSync, openSync } from 'node:fs'
import { AppError } from '../base/errors.ts'
import { toPrintable } from '../base/text.ts'
import { errnoOf } from './errno.ts'
import { lockOpenFile } from './flock.ts'

const LOCK_MODE = 0o600
const PATIENCE_MILLISECONDS = 10_000
const POLL_MILLISECONDS = 100

/**
 * Runs `act` while nobody else holds the lock on this file, which is made where it is missing, and stays:
 * on a full disk there is none to be made. The kernel ends it with whoever holds it, however that is.
 * Throws ERR_SETUP_STATE where another one holds it for long.
 */
export async function withFileLock<T>(path: string, act: () => Promise<T>): Promise<T> {
  const fd = openLock(path)
  try {
    await untilLocked(fd, path)
    return await act()
  } finally {
    closeSync(fd)
  }
}

async function untilLocked(fd: number, path: string): Promise<void> {
  for (let waited = 0; !lockOpenFile(fd, path); waited += POLL_MILLISECONDS) {
    if (waited >= PATIENCE_MILLISECONDS) {
      throw new AppError('ERR_SETUP_STATE', 'another otpgate setup is at work', {
        hint: 'see: otpgate setup status',
      })
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS))
  }
}

/** Root's directory: nothing there is anybody else's. */
function openLock(path: string): number {
  try {
    return openSync(path, 'a', LOCK_MODE)
  } catch (cause) {
    const reason = errnoOf(cause) ?? 'unknown'
    throw new AppError('ERR_SETUP_STATE', `cannot lock ${toPrintable(path)} (${reason})`, { cause })
  }
}
