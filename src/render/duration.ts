import { plural } from '../base/text.ts'
import { DAY_SECONDS, HOUR_SECONDS, MINUTE_SECONDS, type UnixSeconds } from '../base/time.ts'

/** Largest first. Nothing above a day: months and years have no one length. */
const UNITS = [
  { noun: 'day', size: DAY_SECONDS },
  { noun: 'hour', size: HOUR_SECONDS },
  { noun: 'minute', size: MINUTE_SECONDS },
  { noun: 'second', size: 1 },
] as const

/**
 * A length of time for people, in its largest unit and the one below, the rest dropped:
 * `30 seconds`, `1 hour 20 minutes`, `2 days`. Throws RangeError unless whole seconds from 0.
 */
export function renderDuration(seconds: number): string {
  if (!Number.isSafeInteger(seconds) || seconds < 0) {
    throw new RangeError(`not a length of time in whole seconds: ${seconds}`)
  }
  const index = UNITS.findIndex(({ size }) => seconds >= size)
  const unit = UNITS[index]
  if (unit === undefined) return '0 seconds'
  const largest = plural(Math.floor(seconds / unit.size), unit.noun)
  const next = UNITS[index + 1]
  const rest = next === undefined ? 0 : Math.floor((seconds % unit.size) / next.size)
  return next === undefined || rest === 0 ? largest : `${largest} ${plural(rest, next.noun)}`
}

/**
 * A time as its distance from now, in the largest unit alone, for narrow lists: `3 days ago`,
 * `in 4 hours`, `now`. The future is not an error: things expire, and clocks are set back.
 */
export function renderRelativeTime(at: UnixSeconds, now: UnixSeconds): string {
  const distance = Math.abs(at - now)
  const unit = UNITS.find(({ size }) => distance >= size)
  if (unit === undefined) return 'now'
  const length = plural(Math.floor(distance / unit.size), unit.noun)
  return at < now ? `${length} ago` : `in ${length}`
}
