import { createSecretKey } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { SealContext } from '../../src/app/ports.ts'
import { openValue, type SealingKey, sealValue } from '../../src/vault/envelope.ts'
import { errorCodeOf } from '../support/error-code.ts'
import { deviceContext } from './device-context.ts'

const KEY: SealingKey = {
  id: Buffer.from('c0ffee01', 'hex'),
  secret: createSecretKey(Buffer.alloc(32, 7)),
}
const PLAIN = Buffer.from('12345678901234567890', 'ascii')
const CONTEXT = deviceContext()

describe('a sealed value', () => {
  test('opens to what was sealed, whatever the bytes and the context', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.string({ unit: 'grapheme' }),
        fc.nat(4294967294),
        fc.string(),
        (plain, account, uid, id) => {
          const context = deviceContext({ account, uid, id })
          const opened = openValue(KEY, sealValue(KEY, plain, context), context)
          expect(opened.equals(plain)).toBe(true)
        },
      ),
    )
  })

  test('has version, key id, nonce, ciphertext and tag, and does not show what it holds', () => {
    const sealed = sealValue(KEY, PLAIN, CONTEXT)
    expect(sealed.length).toBe(1 + 4 + 12 + PLAIN.length + 16)
    expect(sealed.subarray(0, 5).toString('hex')).toBe('01c0ffee01')
    expect(sealed.includes(PLAIN)).toBe(false)
  })

  test('never repeats a nonce', () => {
    const nonces = Array.from({ length: 100 }, () =>
      sealValue(KEY, PLAIN, CONTEXT).toString('hex', 5, 17),
    )
    expect(new Set(nonces).size).toBe(100)
  })

  test('refuses every single flipped bit, and says so where the key id is hit', () => {
    const sealed = sealValue(KEY, PLAIN, CONTEXT)
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const byte = bit >> 3
      const changed = Buffer.from(sealed)
      changed.writeUInt8(sealed.readUInt8(byte) ^ (1 << (bit & 7)), byte)
      const expected = byte >= 1 && byte < 5 ? 'ERR_KEY_WRONG' : 'ERR_SEALED_INVALID'
      expect(errorCodeOf(() => openValue(KEY, changed, CONTEXT))).toBe(expected)
    }
  })

  test('refuses every cut, and anything behind the end', () => {
    const sealed = sealValue(KEY, PLAIN, CONTEXT)
    for (let length = 0; length < sealed.length; length++) {
      const cut = sealed.subarray(0, length)
      expect(errorCodeOf(() => openValue(KEY, cut, CONTEXT))).toBe('ERR_SEALED_INVALID')
    }
    const longer = Buffer.concat([sealed, Buffer.of(0)])
    expect(errorCodeOf(() => openValue(KEY, longer, CONTEXT))).toBe('ERR_SEALED_INVALID')
  })

  test('refuses another key that claims the same id', () => {
    const other = { id: KEY.id, secret: createSecretKey(Buffer.alloc(32, 8)) }
    const sealed = sealValue(KEY, PLAIN, CONTEXT)
    expect(errorCodeOf(() => openValue(other, sealed, CONTEXT))).toBe('ERR_SEALED_INVALID')
  })

  test.each<{ field: string; other: SealContext }>([
    { field: 'account', other: deviceContext({ account: 'bob' }) },
    { field: 'uid', other: deviceContext({ uid: 1001 }) },
    { field: 'device', other: deviceContext({ id: 'd2' }) },
    { field: 'kind of device', other: deviceContext({ kind: 'hotp' }) },
    { field: 'algorithm', other: deviceContext({ algorithm: 'SHA256' }) },
    { field: 'number of digits', other: deviceContext({ digits: 7 }) },
    { field: 'period', other: deviceContext({ periodSeconds: 31 }) },
    { field: 'kind', other: { kind: 'audit-key' } },
  ])('opens nowhere else: another $field refuses', ({ other }) => {
    const sealed = sealValue(KEY, PLAIN, CONTEXT)
    expect(errorCodeOf(() => openValue(KEY, sealed, other))).toBe('ERR_SEALED_INVALID')
  })

  test('keeps contexts apart whose fields run together to the same text', () => {
    const sealed = sealValue(KEY, PLAIN, deviceContext({ account: 'ann1', uid: 2, id: '3' }))
    for (const other of [
      deviceContext({ account: 'ann', uid: 12, id: '3' }),
      deviceContext({ account: 'ann1', uid: 23, id: '' }),
      deviceContext({ account: 'ann1', uid: 2, id: '3totp', kind: '' }),
    ]) {
      expect(errorCodeOf(() => openValue(KEY, sealed, other))).toBe('ERR_SEALED_INVALID')
    }
  })
})
