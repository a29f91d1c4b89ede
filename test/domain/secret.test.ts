import { describe, expect, test } from 'vitest'
import { encodeBase32, RFC4648_ALPHABET } from '../../src/base/base32.ts'
import { AppError } from '../../src/base/errors.ts'
import { parseSecret } from '../../src/domain/secret.ts'
import { SECRET } from '../support/account-fixture.ts'
import { errorCodeOf } from '../support/error-code.ts'

const ofBytes = (length: number) => encodeBase32(Buffer.alloc(length, 7), RFC4648_ALPHABET)

describe('a shared secret', () => {
  test.each([
    'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ',
    'gezdgnbvgy3tqojqgezdgnbvgy3tqojq',
    'gezd gnbv gy3t qojq gezd gnbv gy3t qojq',
    'GEZD-GNBV-GY3T-QOJQ-GEZD-GNBV-GY3T-QOJQ\n',
    'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ====',
  ])('is read as apps show it: %j', (text) => {
    expect(parseSecret(text)).toEqual(SECRET)
  })

  test.each([
    '3132333435363738393031323334353637383930',
    '31 32 33 34 35 36 37 38 39 30 31 32 33 34 35 36 37 38 39 30',
    'hex:3132333435363738393031323334353637383930',
    'HEX: 31323334-35363738-39303132-33343536-37383930',
  ])('is read in hex, as tokens are programmed: %j', (text) => {
    expect(parseSecret(text)).toEqual(SECRET)
  })

  test('that could be hex or base32 is hex where it has 160 bits in hex, else base32', () => {
    const both = 'abcdef234567'.repeat(4)
    expect(parseSecret(both.slice(0, 40)).toString('hex')).toBe(both.slice(0, 40))
    expect(parseSecret(both.slice(0, 32))).toHaveLength(20)
    expect(parseSecret(`hex:${both.slice(0, 32)}`).toString('hex')).toBe(both.slice(0, 32))
    expect(parseSecret(both)).toHaveLength(30)
  })

  test('has 128 to 1024 bits', () => {
    expect(parseSecret(ofBytes(16))).toHaveLength(16)
    expect(parseSecret(ofBytes(128))).toHaveLength(128)
    expect(errorCodeOf(() => parseSecret(ofBytes(15)))).toBe('ERR_SECRET_INVALID')
    expect(errorCodeOf(() => parseSecret(ofBytes(129)))).toBe('ERR_SECRET_INVALID')
  })

  test.each([
    '',
    '====',
    'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJ0',
    'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJ1',
    'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQG',
    'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ!',
    '31323334353637383930313233343536',
    'hex:313233343536373839303132333435363738393',
    'hex:3132333435363738393031323334353637383g',
    'hex:31323334353637383930',
    'hex:',
    'otpauth://totp/a?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ',
  ])('is refused otherwise: %j', (text) => {
    expect(errorCodeOf(() => parseSecret(text))).toBe('ERR_SECRET_INVALID')
  })

  test('that is refused is not in the error', () => {
    for (const text of ['GEZDGNBVGY3TQOJ1', 'GEZDGNBVGY3TQOJQ']) {
      try {
        parseSecret(text)
        expect.unreachable()
      } catch (error) {
        expect(error).toBeInstanceOf(AppError)
        expect(JSON.stringify(error, ['message', 'hint', 'stack', 'cause'])).not.toContain('GEZD')
      }
    }
  })
})
