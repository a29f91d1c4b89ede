import type { UnixSeconds } from '../../base/time.ts'
import type { ThrottleState } from '../../domain/throttle.ts'
import { damaged, toStoredTime } from './row.ts'

/** A throttle state as JSON: `[consecutive, [recent...], from, until]`. */
export function writeThrottle(state: ThrottleState): string {
  const { consecutiveFailures, recentFailures, wait } = state
  return JSON.stringify([
    consecutiveFailures,
    recentFailures,
    wait?.from ?? null,
    wait?.until ?? null,
  ])
}

/** Throws ERR_STORE_CORRUPT on anything `writeThrottle` would not have written. */
export function readThrottle(json: string): ThrottleState {
  const fields = parseArray(json)
  const [consecutive, recent, from, until] = fields
  if (fields.length !== 4 || !isCount(consecutive) || !Array.isArray(recent))
    return damaged('throttle')
  const hasWait = from !== null || until !== null
  return {
    consecutiveFailures: consecutive,
    recentFailures: recent.map(toTime),
    wait: hasWait ? { from: toTime(from), until: toTime(until) } : undefined,
  }
}

function parseArray(json: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(json)
    return Array.isArray(value) ? value : damaged('throttle')
  } catch {
    return damaged('throttle')
  }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function toTime(value: unknown): UnixSeconds {
  return toStoredTime(value, 'throttle')
}
