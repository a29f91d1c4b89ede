import { fstatSync } from 'node:fs'
import { AppError } from '../base/errors.ts'
import { createDeadline, type Deadline } from './deadline.ts'
import { readBounded, readSome } from './read-bounded.ts'

/** pam_exec passes at most 511 bytes on and cuts longer answers there; one more shows another caller. */
const STDIN_LIMIT_BYTES = 512
const PATIENCE_MILLISECONDS = 5000
const PAUSE_MILLISECONDS = 5

/**
 * What was written to us as the answer, at most 512 bytes, exactly as it came: to strip and to
 * parse is the domain's. Waits for the end of a pipe or file; a terminal gives one line.
 * Throws ERR_DEADLINE where a descriptor that does not block stays silent, and ERR_PAM_ENVIRONMENT
 * where it cannot be read at all.
 */
export function readStdinSecret(
  fd = 0,
  deadline: Pick<Deadline, 'assertOpen'> = createDeadline(PATIENCE_MILLISECONDS),
): Buffer {
  const waitForMore = () => {
    deadline.assertOpen()
    pause()
  }
  try {
    if (!fstatSync(fd).isCharacterDevice()) return readBounded(fd, STDIN_LIMIT_BYTES, waitForMore)
    const line = Buffer.alloc(STDIN_LIMIT_BYTES)
    return line.subarray(0, readSome(fd, line, waitForMore))
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    throw new AppError('ERR_PAM_ENVIRONMENT', 'standard input cannot be read', { cause })
  }
}

/** Sleeps without spinning: there is no event loop to go back to in a synchronous read. */
function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MILLISECONDS)
}
