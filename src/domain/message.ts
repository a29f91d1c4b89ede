import { plural } from '../base/text.ts'
import { HOUR_SECONDS, MINUTE_SECONDS, type UnixSeconds } from '../base/time.ts'
import type { Decision, DenialReason } from './decision.ts'

/** The line before the question, where the configuration has none: plain ASCII, under 80 characters. */
export const DEFAULT_PROMPT =
  'Enter the 6-digit code from your authenticator app, or a recovery code.'

const WORDS: Partial<Record<DenialReason, string>> = {
  'code-wrong': 'That code is not right.',
  'code-replayed': 'That code was used already. Wait for the next one.',
  'clock-behind': 'The clock of this host is behind. Ask your administrator.',
  'must-enroll': 'Your second factor was reset. Ask your administrator to enroll you.',
  'not-enrolled': 'You have no second factor here. Ask your administrator to enroll you.',
  'uid-changed': 'Your account here has changed. Ask your administrator.',
  locked: 'Too many wrong codes. Use a recovery code, or ask your administrator.',
}

/**
 * What the person at the prompt is told, if anything: one ASCII line. To be shown only once a first
 * factor is proven; before that all answers look alike.
 */
export function messageFor(decision: Decision, now: UnixSeconds): string | undefined {
  switch (decision.outcome) {
    case 'denied':
      if (decision.reason === 'throttled' && decision.until !== undefined) {
        return `Too many wrong codes. Try again in ${roughly(decision.until - now)}.`
      }
      if (decision.budget === 'oneTimeCode') {
        return 'Too many wrong recovery codes. Use the app, or ask your administrator.'
      }
      return WORDS[decision.reason]
    case 'accepted':
      return decision.recoveryCodesLeft === undefined
        ? undefined
        : `Recovery code used: ${plural(decision.recoveryCodesLeft, 'code')} left.`
    case 'excused':
      return undefined
  }
}

/** Rounded up, so that a person who waits that long is not turned away again. */
function roughly(duration: number): string {
  if (duration <= 2 * MINUTE_SECONDS) return plural(Math.max(1, duration), 'second')
  if (duration <= 2 * HOUR_SECONDS) return plural(Math.ceil(duration / MINUTE_SECONDS), 'minute')
  return plural(Math.ceil(duration / HOUR_SECONDS), 'hour')
}
