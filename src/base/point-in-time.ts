import { AppError } from './errors.ts'
import { addSeconds, formatTime, parseDuration, toUnixSeconds, type UnixSeconds } from './time.ts'

const DATE = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2})?Z)?$/

/**
 * A point in the past as admins type it: a duration before `now` (`7d`), a UTC date (`2026-11-01`,
 * its first second), or a UTC time (`2026-11-01T08:00Z`). Throws ERR_USAGE.
 */
export function parsePast(text: string, now: UnixSeconds): UnixSeconds {
  if (/^\d+[smhd]$/.test(text)) return addSeconds(now, -parseDuration(text))
  const at = parseDate(text)
  if (at !== undefined) return at
  throw new AppError('ERR_USAGE', 'not a duration, date or time', {
    hint: 'write 7d for the last week, 2026-11-01, or 2026-11-01T08:00Z (UTC)',
  })
}

/**
 * A point in the future as admins type it: a UTC date (`2026-12-24`, its first second), or a UTC
 * time (`2026-12-24T18:00Z`). Throws ERR_USAGE, also when it is not after `now`.
 */
export function parseFuture(text: string, now: UnixSeconds): UnixSeconds {
  const at = parseDate(text)
  if (at === undefined) {
    throw new AppError('ERR_USAGE', 'not a date or time', {
      hint: 'write 2026-12-24, its first second, or 2026-12-24T18:00Z (UTC)',
    })
  }
  if (at > now) return at
  throw new AppError('ERR_USAGE', `${formatTime(at)} is over`, {
    hint: `it is ${formatTime(now)} now; dates and times are in UTC`,
  })
}

function parseDate(text: string): UnixSeconds | undefined {
  const milliseconds = DATE.test(text) ? Date.parse(text) : Number.NaN
  return isCalendarDate(text, milliseconds) ? toUnixSeconds(milliseconds / 1000) : undefined
}

/** Date.parse takes 31 February for 3 March. */
function isCalendarDate(text: string, milliseconds: number): boolean {
  if (Number.isNaN(milliseconds)) return false
  return new Date(milliseconds).toISOString().startsWith(text.slice(0, 10))
}
