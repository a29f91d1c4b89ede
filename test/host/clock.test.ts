import { expect, test } from 'vitest'
import { now } from '../../src/host/clock.ts'
import { randomBytes } from '../../src/host/randomness.ts'

test('the clock shows whole seconds since 1970', () => {
  const before = Math.floor(Date.now() / 1000)
  const shown = now()
  expect(Number.isInteger(shown)).toBe(true)
  expect(shown).toBeGreaterThanOrEqual(before)
  expect(shown).toBeLessThanOrEqual(Date.now() / 1000)
})

test('random bytes are as many as asked for, and others each time', () => {
  expect(randomBytes(0).length).toBe(0)
  expect(randomBytes(20).length).toBe(20)
  expect(randomBytes(20).equals(randomBytes(20))).toBe(false)
})
