import type { BypassChoice } from '../app/revoke-bypass.ts'
import { AppError } from '../base/errors.ts'
import { toPrintable } from '../base/text.ts'
import { DAY_SECONDS, MINUTE_SECONDS, parseDuration } from '../base/time.ts'

const LONGEST_SECONDS = 7 * DAY_SECONDS
export const MOST_USES = 100

/** What to revoke. Throws ERR_USAGE. */
export function parseChoice(id: string | undefined, all: true | undefined): BypassChoice {
  if (id !== undefined && all) {
    throw new AppError('ERR_USAGE', 'an id and --all', { hint: 'one or the other' })
  }
  if (id === undefined) return { kind: all ? 'all' : 'only' }
  if (/^[0-9a-f]{1,32}$/i.test(id)) return { kind: 'by-id', prefix: id.toLowerCase() }
  throw new AppError('ERR_USAGE', 'not the id of a bypass code', {
    hint: 'hexadecimal digits, as otpgate bypass list shows them; never the code itself',
  })
}

/** Seconds. Throws ERR_USAGE. */
export function parseTerm(text: string | undefined): number {
  const hint = 'say for how long: --for 4h, from 1m to 7d'
  if (text === undefined) throw new AppError('ERR_USAGE', 'a bypass code needs an end', { hint })
  const seconds = parseDuration(text)
  if (seconds >= MINUTE_SECONDS && seconds <= LONGEST_SECONDS) return seconds
  throw new AppError('ERR_USAGE', `${toPrintable(text)} is no time for a bypass code`, { hint })
}

/** Throws ERR_USAGE. */
export function parseUses(text: string): number {
  const uses = /^\d{1,3}$/.test(text) ? Number(text) : 0
  if (uses >= 1 && uses <= MOST_USES) return uses
  throw new AppError('ERR_USAGE', 'that many uses are not possible', {
    hint: `--uses takes 1 to ${MOST_USES}`,
  })
}
