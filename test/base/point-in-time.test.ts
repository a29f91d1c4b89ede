import { describe, expect, test } from 'vitest'
import { parseFuture, parsePast } from '../../src/base/point-in-time.ts'
import { toUnixSeconds } from '../../src/base/time.ts'
import { errorCodeOf } from '../support/error-code.ts'

const NOW = toUnixSeconds(Date.parse('2026-11-22T12:00:00Z') / 1000)

describe('a point in the past', () => {
  test.each([
    ['7d', '2026-11-15T12:00:00Z'],
    ['90s', '2026-11-22T11:58:30Z'],
    ['2026-11-01', '2026-11-01T00:00:00Z'],
    ['2026-11-01T08:00Z', '2026-11-01T08:00:00Z'],
    ['2024-02-29T23:59:59Z', '2024-02-29T23:59:59Z'],
  ])('may be written %s', (text, time) => {
    expect(parsePast(text, NOW)).toBe(Date.parse(time) / 1000)
  })

  test.each([
    '2026-02-31',
    '2026-13-01',
    '2026-11-01T25:00Z',
    '2026-11-01T08:00',
    'yesterday',
    '7',
    '',
  ])('may not be written %s', (text) => {
    expect(errorCodeOf(() => parsePast(text, NOW))).toBe('ERR_USAGE')
  })
})

describe('a point in the future', () => {
  test.each([
    ['2026-11-23', '2026-11-23T00:00:00Z'],
    ['2026-11-22T12:01Z', '2026-11-22T12:01:00Z'],
    ['2028-02-29T23:59:59Z', '2028-02-29T23:59:59Z'],
  ])('may be written %s', (text, time) => {
    expect(parseFuture(text, NOW)).toBe(Date.parse(time) / 1000)
  })

  test.each([
    '2026-11-22',
    '2026-11-22T12:00Z',
    '2027-02-29',
    '2026-12-24T18:00',
    '2026-12-24T18:00+01:00',
    '7d',
    'tomorrow',
    '',
  ])('is not %s', (text) => {
    expect(errorCodeOf(() => parseFuture(text, NOW))).toBe('ERR_USAGE')
  })
})
