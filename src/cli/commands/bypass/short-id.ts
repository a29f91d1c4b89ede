import type { OneTimeCode } from '../../../domain/one-time-code.ts'

/** As many digits of an id as people are shown; more are taken. */
const SHOWN_ID_DIGITS = 8

/** The id of a code as people are shown it. */
export function shortId({ id }: Pick<OneTimeCode, 'id'>): string {
  return id.slice(0, SHOWN_ID_DIGITS)
}
