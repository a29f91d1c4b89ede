import { AppError } from './errors.ts'

declare const seconds: unique symbol
/** Whole seconds since 1970-01-01 UTC, leap seconds not counted. */
export type UnixSeconds = number & { readonly [seconds]: true }

export const MINUTE_SECONDS = 60
export const HOUR_SECONDS = 3600
export const DAY_SECONDS = 86400

const UNIT_SECONDS: Readonly<Record<string, number>> = {
  s: 1,
  m: MINUTE_SECONDS,
  h: HOUR_SECONDS,
  d: DAY_SECONDS,
}

/** Marks a number as a point in time. Throws RangeError unless it is a whole, safe number. */
export function toUnixSeconds(value: number): UnixSeconds {
  if (!Number.isSafeInteger(value)) throw new RangeError(`not a time in whole seconds: ${value}`)
  return value as UnixSeconds
}

/** `at` moved by `delta` seconds. */
export function addSeconds(at: UnixSeconds, delta: number): UnixSeconds {
  return toUnixSeconds(at + delta)
}

/** The later of two times. */
export function laterOf(a: UnixSeconds, b: UnixSeconds): UnixSeconds {
  return a > b ? a : b
}

/**
 * `30s`, `15m`, `4h`, `30d`, and `0s`, as seconds. Throws ERR_USAGE on anything else: no fractions,
 * no signs, no sums, at most nine digits.
 */
export function parseDuration(text: string): number {
  const match = /^(\d{1,9})([smhd])$/.exec(text)
  const unit = UNIT_SECONDS[match?.[2] ?? '']
  if (match === null || unit === undefined) {
    throw new AppError('ERR_USAGE', 'not a duration', {
      hint: 'write a whole number and s, m, h or d, such as 30s, 15m, 4h or 30d',
    })
  }
  return Number(match[1]) * unit
}

/** Seconds as the shortest exact duration `parseDuration` reads back: 90 -> `90s`, 3600 -> `1h`. */
export function formatDuration(duration: number): string {
  for (const [unit, size] of Object.entries(UNIT_SECONDS).reverse()) {
    if (duration > 0 && duration % size === 0) return `${duration / size}${unit}`
  }
  return `${duration}s`
}

/** RFC 3339 in UTC, whole seconds: `2026-11-22T00:00:00Z`. */
export function formatTime(at: UnixSeconds): string {
  return new Date(at * 1000).toISOString().replace('.000Z', 'Z')
}
