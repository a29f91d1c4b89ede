import { describe, expect, test } from 'vitest'
import { toUnixSeconds } from '../../src/base/time.ts'
import type { CodeShape } from '../../src/domain/device.ts'
import { findSteps, generateCode, stepAt } from '../../src/domain/otp.ts'
import { HOTP_KEY, HOTP_VECTORS } from '../vectors/rfc4226.ts'
import { TOTP_KEYS, TOTP_VECTORS } from '../vectors/rfc6238.ts'

const SIX: CodeShape = { algorithm: 'SHA1', digits: 6 }
const SECRET = Buffer.from(HOTP_KEY)

describe('a code', () => {
  test.each(HOTP_VECTORS)('for counter $counter is the one of RFC 4226', ({ counter, code }) => {
    expect(generateCode(SECRET, SIX, counter)).toBe(code)
  })

  test.each(TOTP_VECTORS)('at $time with $algorithm is the one of RFC 6238', (vector) => {
    const { algorithm, time, code } = vector
    const parameters = { algorithm, digits: 8 } as const
    const step = stepAt(toUnixSeconds(time), 30)
    const secret = Buffer.from(TOTP_KEYS[algorithm])
    expect(generateCode(secret, parameters, step)).toBe(code)
    expect(findSteps(secret, parameters, code, step - 1, step + 1)).toEqual([step])
  })

  test('leaves the secret as it was', () => {
    const secret = Buffer.from(HOTP_KEY)
    generateCode(secret, SIX, 0)
    findSteps(secret, SIX, '755224', 0, 9)
    expect(secret.toString()).toBe(HOTP_KEY)
  })
})

describe('the step of a time', () => {
  test('begins with the first second of its period', () => {
    const times = [0, 29, 30, 59, 60, 2_147_483_648, 20_000_000_000]
    expect(times.map((time) => stepAt(toUnixSeconds(time), 30))).toEqual([
      0, 0, 1, 1, 2, 71_582_788, 666_666_666,
    ])
  })
})

describe('the steps of a code', () => {
  test('are looked for between both ends, themselves included', () => {
    expect(findSteps(SECRET, SIX, '338314', 4, 4)).toEqual([4])
    expect(findSteps(SECRET, SIX, '338314', 3, 4)).toEqual([4])
    expect(findSteps(SECRET, SIX, '338314', 4, 5)).toEqual([4])
    expect(findSteps(SECRET, SIX, '338314', 5, 9)).toEqual([])
    expect(findSteps(SECRET, SIX, '338314', 0, 3)).toEqual([])
  })

  test('are several where the same code comes again by chance', () => {
    const codes = Array.from({ length: 3000 }, (_, step) => generateCode(SECRET, SIX, step))
    const again = codes.findIndex((code, step) => codes.indexOf(code) < step)
    expect(again).toBeGreaterThan(0)
    const code = codes[again] ?? ''
    expect(findSteps(SECRET, SIX, code, 0, again)).toEqual([codes.indexOf(code), again])
  })

  test('are looked for through two days, and no further: what makes no sense ends at once', () => {
    const now = 1_000_000
    expect(findSteps(SECRET, SIX, '', now - 5760, now + 5760)).toEqual([])
    const nonsense = [
      { first: now - 5760, last: now + 5761 },
      { first: Number.MAX_SAFE_INTEGER, last: Number.MAX_SAFE_INTEGER + 6 },
      { first: -Infinity, last: Infinity },
      { first: Infinity, last: Infinity },
      { first: NaN, last: NaN },
    ]
    for (const { first, last } of nonsense) {
      expect(() => findSteps(SECRET, SIX, '755224', first, last)).toThrow(RangeError)
    }
  })

  test('are none before 1970, and none for a code of another length', () => {
    expect(findSteps(SECRET, SIX, '755224', -3, 0)).toEqual([0])
    expect(findSteps(SECRET, SIX, '755224', -3, -1)).toEqual([])
    expect(findSteps(SECRET, SIX, '0755224', 0, 9)).toEqual([])
    expect(findSteps(SECRET, SIX, '55224', 0, 9)).toEqual([])
    expect(findSteps(SECRET, SIX, '', 0, 9)).toEqual([])
  })
})
