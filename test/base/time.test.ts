import { describe, expect, test } from 'vitest'
import {
  addSeconds,
  formatDuration,
  formatTime,
  laterOf,
  parseDuration,
  toUnixSeconds,
} from '../../src/base/time.ts'
import { errorCodeOf } from '../support/error-code.ts'

describe('a duration', () => {
  test.each([
    { text: '0s', seconds: 0 },
    { text: '90s', seconds: 90 },
    { text: '15m', seconds: 900 },
    { text: '4h', seconds: 14_400 },
    { text: '30d', seconds: 2_592_000 },
    { text: '999999999s', seconds: 999_999_999 },
  ])('reads and writes $text', ({ text, seconds }) => {
    expect(parseDuration(text)).toBe(seconds)
    expect(formatDuration(seconds)).toBe(text)
  })

  test('is written in the largest unit that is exact', () => {
    expect([60, 3600, 86_400, 86_460].map(formatDuration)).toEqual(['1m', '1h', '1d', '1441m'])
  })

  test.each([
    '',
    '30',
    's',
    '-1s',
    '+1s',
    '1.5h',
    '1h30m',
    '1w',
    '1S',
    ' 1s',
    '1s\n',
    '1e3s',
    '١s',
  ])('refuses %j', (text) => {
    expect(errorCodeOf(() => parseDuration(text))).toBe('ERR_USAGE')
  })

  test('refuses more than nine digits', () => {
    expect(errorCodeOf(() => parseDuration('1000000000s'))).toBe('ERR_USAGE')
  })
})

describe('a time', () => {
  test('is a whole number of seconds that a double holds exactly', () => {
    for (const value of [0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
      expect(() => toUnixSeconds(value)).toThrow(RangeError)
    }
    expect(() => addSeconds(toUnixSeconds(0), 0.1)).toThrow(RangeError)
  })

  test('is shown in UTC, beyond 2038 too', () => {
    expect(formatTime(toUnixSeconds(0))).toBe('1970-01-01T00:00:00Z')
    expect(formatTime(toUnixSeconds(2_147_483_648))).toBe('2038-01-19T03:14:08Z')
    expect(formatTime(toUnixSeconds(20_000_000_000))).toBe('2603-10-11T11:33:20Z')
  })

  test('is compared as a number', () => {
    const earlier = toUnixSeconds(9)
    const later = toUnixSeconds(10)
    expect(laterOf(earlier, later)).toBe(later)
    expect(laterOf(later, earlier)).toBe(later)
  })
})
