import { describe, expect, test } from 'vitest'
import { addSeconds } from '../../src/base/time.ts'
import {
  formatOneTimeCode,
  isSpendable,
  ONE_TIME_CODE_BYTES,
  parseOneTimeCode,
  toOneTimeCodeParts,
} from '../../src/domain/one-time-code.ts'
import { buildRecoveryCode, NOW } from '../support/account-fixture.ts'

describe('a one-time code', () => {
  test('has four characters that select and twelve that are secret', () => {
    const parts = toOneTimeCodeParts(Buffer.alloc(ONE_TIME_CODE_BYTES, 0xff))
    expect(parts).toEqual({ selector: 'ZZZZ', secret: 'ZZZZZZZZZZZZ' })
  })

  test('uses every bit of its randomness', () => {
    const codes = Array.from({ length: ONE_TIME_CODE_BYTES * 8 }, (_, bit) => {
      const random = Buffer.alloc(ONE_TIME_CODE_BYTES)
      random.writeUInt8(1 << (bit & 7), bit >> 3)
      return formatOneTimeCode(toOneTimeCodeParts(random))
    })
    expect(new Set(codes).size).toBe(80)
    expect(codes).not.toContain('0000-0000-0000-0000')
  })

  test('is shown in four groups', () => {
    const shown = formatOneTimeCode({ selector: '01AB', secret: 'CDEF01GH01JK' })
    expect(shown).toBe('01AB-CDEF-01GH-01JK')
  })

  test('is read back, with O for 0 and I and L for 1, in any case', () => {
    const parts = { selector: '01AB', secret: 'CDEF01GH01JK' }
    expect(parseOneTimeCode('oiAb-CDeF-0LgH-O1jk')).toEqual(parts)
  })

  test('has no U, and no other length', () => {
    expect(parseOneTimeCode('U1AB-CDEF-01GH-01JK')).toBeUndefined()
    expect(parseOneTimeCode('')).toBeUndefined()
    expect(parseOneTimeCode('01AB')).toBeUndefined()
    expect(parseOneTimeCode('01AB-CDEF-01GH-01JK-')).toBeDefined()
    expect(parseOneTimeCode('01AB-CDEF-01GH-01JK-0')).toBeUndefined()
  })
})

describe('a stored code', () => {
  test('can be used while it has uses left', () => {
    expect(isSpendable(buildRecoveryCode({ usesLeft: 1 }), NOW)).toBe(true)
    expect(isSpendable(buildRecoveryCode({ usesLeft: 0 }), NOW)).toBe(false)
    expect(isSpendable(buildRecoveryCode({ usesLeft: -1 }), NOW)).toBe(false)
  })

  test('can be used until the second in which it expires', () => {
    const code = buildRecoveryCode({ expiresAt: NOW })
    expect(isSpendable(code, addSeconds(NOW, -1))).toBe(true)
    expect(isSpendable(code, NOW)).toBe(false)
  })
})
