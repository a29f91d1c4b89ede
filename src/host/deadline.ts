import { AppError } from '../base/errors.ts'

/** A point in time after which nothing may be answered with yes any more. */
export interface Deadline {
  /** Milliseconds left, whole and never negative. */
  remaining(): number
  /** At most so many milliseconds are left from now on. */
  shorten(milliseconds: number): void
  /** Throws ERR_DEADLINE once nothing is left. */
  assertOpen(): void
}

/**
 * A deadline `milliseconds` from now, on the monotonic clock: a step of the wall clock neither
 * stretches nor cuts it. `elapsed` gives milliseconds since any fixed moment. Not `performance.now()`:
 * Node would load a module of its own for it, at 1.5 ms a login.
 */
export function createDeadline(
  milliseconds: number,
  elapsed: () => number = monotonicMilliseconds,
): Deadline {
  let end = elapsed() + milliseconds
  const remaining = () => Math.max(0, Math.floor(end - elapsed()))
  return {
    remaining,
    shorten(left) {
      end = Math.min(end, elapsed() + left)
    },
    assertOpen() {
      if (remaining() > 0) return
      throw new AppError('ERR_DEADLINE', `not done within ${milliseconds} ms`)
    },
  }
}

/** Milliseconds since a fixed moment, which no setting of the clock changes. */
export function monotonicMilliseconds(): number {
  return Number(process.hrtime.bigint()) / 1e6
}
