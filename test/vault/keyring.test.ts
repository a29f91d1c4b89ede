import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { createVault, MASTER_KEY_BYTES } from '../../src/vault/keyring.ts'
import { errorCodeOf } from '../support/error-code.ts'
import { deviceContext } from './device-context.ts'

const PLAIN = Buffer.from('12345678901234567890', 'ascii')

describe('a vault', () => {
  test('opens after a restart what it sealed, because its keys come from the master key alone', () => {
    const masterKey = randomBytes(MASTER_KEY_BYTES)
    const sealed = createVault(masterKey).seal(PLAIN, deviceContext())
    expect(createVault(Buffer.from(masterKey)).open(sealed, deviceContext())).toEqual(PLAIN)
  })

  test('works on after the caller has overwritten the master key', () => {
    const masterKey = randomBytes(MASTER_KEY_BYTES)
    const vault = createVault(masterKey)
    masterKey.fill(0)
    expect(vault.keyId).not.toBe(createVault(masterKey).keyId)
    expect(vault.open(vault.seal(PLAIN, { kind: 'audit-key' }), { kind: 'audit-key' })).toEqual(
      PLAIN,
    )
  })

  test('names its key in eight hex digits, the same ones in every value it seals', () => {
    const vault = createVault(randomBytes(MASTER_KEY_BYTES))
    expect(vault.keyId).toMatch(/^[0-9a-f]{8}$/)
    const sealed = vault.seal(PLAIN, { kind: 'key-check' })
    expect(sealed.toString('hex', 1, 5)).toBe(vault.keyId)
  })

  test('says that the key is the wrong one, not that the value is broken', () => {
    const sealed = createVault(Buffer.alloc(32, 1)).seal(PLAIN, { kind: 'key-check' })
    const other = createVault(Buffer.alloc(32, 2))
    expect(errorCodeOf(() => other.open(sealed, { kind: 'key-check' }))).toBe('ERR_KEY_WRONG')
  })

  test('opens for one purpose nothing that was sealed for another', () => {
    const vault = createVault(randomBytes(MASTER_KEY_BYTES))
    const sealed = vault.seal(PLAIN, { kind: 'key-check' })
    expect(errorCodeOf(() => vault.open(sealed, { kind: 'audit-key' }))).toBe('ERR_SEALED_INVALID')
  })

  test.each([0, 16, 31, 33, 64])('refuses a master key of %i bytes', (length) => {
    expect(errorCodeOf(() => createVault(Buffer.alloc(length)))).toBe('ERR_KEY_INVALID')
  })
})
