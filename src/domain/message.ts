import { plural } from '../base/text.ts'
import { DAY_SECONDS, HOUR_SECONDS, MINUTE_SECONDS, type UnixSeconds } from '../base/time.ts'
import type { Decision, DenialReason, Denied, Excused } from './decision.ts'

/**
 * Every line that the person at the prompt can be told: printable ASCII, under 80 characters. `{time}`
 * and `{codes}` stand for how long and how many.
 */
export type Messages = { readonly [K in keyof typeof DEFAULT_MESSAGES]: string }

export const DEFAULT_MESSAGES = {
  prompt: 'Enter the 6-digit code from your authenticator app, or a recovery code.',
  codeWrong: 'That code is not right.',
  codeReplayed: 'That code was used already. Wait for the next one.',
  clockBehind: 'The clock of this host is behind. Ask your administrator.',
  throttled: 'Too many wrong codes. Try again in {time}.',
  locked: 'Too many wrong codes. Use a recovery code, or ask your administrator.',
  recoveryThrottled: 'Too many wrong recovery codes. Use the app, or ask your administrator.',
  recoveryUsed: 'Recovery code used: {codes} left.',
  mustEnroll: 'Your second factor was reset. Ask your administrator to enroll you.',
  notEnrolled: 'You have no second factor here. Ask your administrator to enroll you.',
  suspended: 'Your access here is suspended. Ask your administrator.',
  uidChanged: 'Your account here has changed. Ask your administrator.',
  invited: 'Set up your second factor within {time}: sudo otpgate self enroll',
} as const

/** What is asked where the configuration cannot even be read. */
export const DEFAULT_PROMPT: string = DEFAULT_MESSAGES.prompt

const DENIED: Partial<Record<DenialReason, keyof Messages>> = {
  'code-wrong': 'codeWrong',
  'code-replayed': 'codeReplayed',
  'clock-behind': 'clockBehind',
  'must-enroll': 'mustEnroll',
  'not-enrolled': 'notEnrolled',
  'uid-changed': 'uidChanged',
  suspended: 'suspended',
  throttled: 'throttled',
  locked: 'locked',
}

/**
 * What the person at the prompt is told, if anything: one line. To be shown only once a first factor
 * is proven; before that all answers look alike.
 */
export function messageFor(
  decision: Decision,
  messages: Messages,
  now: UnixSeconds,
): string | undefined {
  switch (decision.outcome) {
    case 'denied':
      return messageForDenied(decision, messages, now)
    case 'accepted': {
      const left = decision.recoveryCodesLeft
      if (left === undefined) return undefined
      return messages.recoveryUsed.replace('{codes}', plural(left, 'code'))
    }
    case 'excused':
      return messageForExcused(decision, messages, now)
  }
}

function messageForDenied(
  { reason, budget, until }: Denied,
  messages: Messages,
  now: UnixSeconds,
): string | undefined {
  if (budget === 'oneTimeCode') return messages.recoveryThrottled
  const key = DENIED[reason]
  return key && withTime(messages[key], until, now)
}

/** Somebody who is invited has to be told so; to others an excuse is no event. */
function messageForExcused(
  { rule, until }: Excused,
  messages: Messages,
  now: UnixSeconds,
): string | undefined {
  return rule === 'invited' ? withTime(messages.invited, until, now) : undefined
}

function withTime(text: string, until: UnixSeconds | undefined, now: UnixSeconds): string {
  return until === undefined ? text : text.replace('{time}', roughly(until - now))
}

/** A length of time in its largest unit, rounded up: who waits that long is not turned away again. */
export function roughly(duration: number): string {
  if (duration <= 2 * MINUTE_SECONDS) return plural(Math.max(1, duration), 'second')
  if (duration <= 2 * HOUR_SECONDS) return plural(Math.ceil(duration / MINUTE_SECONDS), 'minute')
  if (duration <= 2 * DAY_SECONDS) return plural(Math.ceil(duration / HOUR_SECONDS), 'hour')
  return plural(Math.ceil(duration / DAY_SECONDS), 'day')
}
