import { expect, test } from 'vitest'
import { addSeconds, toUnixSeconds } from '../../src/base/time.ts'
import { renderDuration, renderRelativeTime } from '../../src/render/duration.ts'

test.each([
  { seconds: 0, shown: '0 seconds' },
  { seconds: 1, shown: '1 second' },
  { seconds: 30, shown: '30 seconds' },
  { seconds: 60, shown: '1 minute' },
  { seconds: 90, shown: '1 minute 30 seconds' },
  { seconds: 240, shown: '4 minutes' },
  { seconds: 3599, shown: '59 minutes 59 seconds' },
  { seconds: 3600, shown: '1 hour' },
  { seconds: 4800, shown: '1 hour 20 minutes' },
  { seconds: 172_800, shown: '2 days' },
  { seconds: 34_560_000, shown: '400 days' },
])('$seconds seconds are $shown', ({ seconds, shown }) => {
  expect(renderDuration(seconds)).toBe(shown)
})

test('drops what is smaller than the second unit', () => {
  expect(renderDuration(3600 + 59)).toBe('1 hour')
  expect(renderDuration(86_400 + 3599)).toBe('1 day')
  expect(renderDuration(86_400 + 2 * 3600 + 1800)).toBe('1 day 2 hours')
})

test.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses %d seconds', (seconds) => {
  expect(() => renderDuration(seconds)).toThrow(RangeError)
})

test.each([
  { delta: 0, shown: 'now' },
  { delta: -1, shown: '1 second ago' },
  { delta: -3599, shown: '59 minutes ago' },
  { delta: -3 * 86_400 - 7200, shown: '3 days ago' },
  { delta: 4 * 3600, shown: 'in 4 hours' },
])('a time $delta seconds from now is "$shown"', ({ delta, shown }) => {
  const now = toUnixSeconds(1_234_567_890)
  expect(renderRelativeTime(addSeconds(now, delta), now)).toBe(shown)
})
