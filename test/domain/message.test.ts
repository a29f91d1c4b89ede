import { describe, expect, test } from 'vitest'
import { addSeconds } from '../../src/base/time.ts'
import type { Decision, DenialReason } from '../../src/domain/decision.ts'
import { DEFAULT_MESSAGES, DEFAULT_PROMPT, messageFor } from '../../src/domain/message.ts'
import { NOW } from '../support/account-fixture.ts'

/** Every reason there is, and whether the person is told something about it. */
const REASONS: Readonly<Record<DenialReason, 'told' | 'silent'>> = {
  empty: 'silent',
  truncated: 'silent',
  'refused-by-sshd': 'silent',
  'not-a-code': 'silent',
  'user-unknown': 'silent',
  'uid-changed': 'told',
  'must-enroll': 'told',
  suspended: 'told',
  'password-wrong': 'silent',
  'not-enrolled': 'told',
  'first-factor-missing': 'silent',
  throttled: 'told',
  locked: 'told',
  'code-wrong': 'told',
  'code-replayed': 'told',
  'clock-behind': 'told',
  'not-excused': 'silent',
  'ticket-missing': 'silent',
}

const isLine = (text: string) => /^[ -~]{1,79}$/.test(text)
const throttled = (wait: number) =>
  messageFor(
    { outcome: 'denied', reason: 'throttled', until: addSeconds(NOW, wait) },
    DEFAULT_MESSAGES,
    NOW,
  )

describe('the message', () => {
  test.each(Object.entries(REASONS))('for %s is one short line of ASCII, or none: %s', (...row) => {
    const [reason, what] = row
    const decision = { outcome: 'denied', reason, until: addSeconds(NOW, 86_400) } as Decision
    const message = messageFor(decision, DEFAULT_MESSAGES, NOW)
    expect(message === undefined ? 'silent' : 'told').toBe(what)
    expect(message === undefined || isLine(message), message).toBe(true)
  })

  test('before the question is a line of the same kind', () => {
    expect(isLine(DEFAULT_PROMPT)).toBe(true)
  })

  test.each([
    { wait: 1, words: '1 second.' },
    { wait: 30, words: '30 seconds.' },
    { wait: 120, words: '120 seconds.' },
    { wait: 121, words: '3 minutes.' },
    { wait: 180, words: '3 minutes.' },
    { wait: 3600, words: '60 minutes.' },
    { wait: 7200, words: '120 minutes.' },
    { wait: 7201, words: '3 hours.' },
    { wait: 86_400, words: '24 hours.' },
  ])('names a wait of $wait s, never shorter than it is', ({ wait, words }) => {
    expect(throttled(wait)).toBe(`Too many wrong codes. Try again in ${words}`)
  })

  test('never says 0 seconds', () => {
    expect(throttled(0)).toContain('1 second.')
    expect(throttled(-5)).toContain('1 second.')
  })

  test.each([
    { left: 9, words: '9 codes left.' },
    { left: 1, words: '1 code left.' },
    { left: 0, words: '0 codes left.' },
  ])('after a recovery code says that $left are left', ({ left, words }) => {
    const decision: Decision = { outcome: 'accepted', method: 'recovery', recoveryCodesLeft: left }
    expect(messageFor(decision, DEFAULT_MESSAGES, NOW)).toBe(`Recovery code used: ${words}`)
  })

  test('tells somebody who is invited how long is left, and what to type', () => {
    const left = (seconds: number) =>
      messageFor(
        { outcome: 'excused', rule: 'invited', until: addSeconds(NOW, seconds) },
        DEFAULT_MESSAGES,
        NOW,
      )
    expect(left(7 * 86_400)).toBe(
      'Set up your second factor within 7 days: sudo otpgate self enroll',
    )
    expect(left(1)).toContain('within 1 second:')
    expect(isLine(left(366 * 86_400) ?? '')).toBe(true)
  })

  test.each([
    { budget: 'code', says: 'Too many wrong codes.' },
    { budget: 'knownSource', says: 'Too many wrong codes.' },
    { budget: 'oneTimeCode', says: 'Too many wrong recovery codes.' },
  ] as const)('says whose failures were too many: $budget', ({ budget, says }) => {
    const locked: Decision = { outcome: 'denied', reason: 'locked', budget }
    expect(messageFor(locked, DEFAULT_MESSAGES, NOW)).toMatch(new RegExp(`^${says}`))
  })

  test('is the one that the configuration has', () => {
    const messages = { ...DEFAULT_MESSAGES, codeWrong: 'Nope.', throttled: '{time}, please.' }
    expect(messageFor({ outcome: 'denied', reason: 'code-wrong' }, messages, NOW)).toBe('Nope.')
    const until = addSeconds(NOW, 30)
    expect(messageFor({ outcome: 'denied', reason: 'throttled', until }, messages, NOW)).toBe(
      '30 seconds, please.',
    )
  })

  test.each([
    'waived',
    'remembered',
    'unenrolled-allowed',
    'office',
  ])('is none for the excuse %s', (rule) => {
    const excused: Decision = { outcome: 'excused', rule, until: addSeconds(NOW, 60) }
    expect(messageFor(excused, DEFAULT_MESSAGES, NOW)).toBeUndefined()
  })

  test('is none for a right code', () => {
    expect(
      messageFor({ outcome: 'accepted', method: 'totp', device: 'phone' }, DEFAULT_MESSAGES, NOW),
    ).toBeUndefined()
  })
})
