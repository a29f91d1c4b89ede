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

describe('a vault while the key is changed', () => {
  const context = { kind: 'audit-key' } as const
  const [old, next] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)]
  const sealedByOld = createVault(old).seal(PLAIN, context)
  const sealedByNext = createVault(next).seal(PLAIN, context)

  test('opens what either key has sealed, and looks for the other only where a value names it', () => {
    let looks = 0
    const vault = createVault(old, () => {
      looks++
      return [Buffer.from(next)]
    })
    expect(vault.open(sealedByOld, context)).toEqual(PLAIN)
    expect(looks).toBe(0)
    expect(vault.open(sealedByNext, context)).toEqual(PLAIN)
    expect(vault.open(sealedByNext, context)).toEqual(PLAIN)
    expect(looks).toBe(1)
  })

  test('overwrites the keys that it was given to look through', () => {
    const given = Buffer.from(next)
    createVault(old, () => [given]).open(sealedByNext, context)
    expect(given).toEqual(Buffer.alloc(32))
  })

  test('seals by the key that it is told to, and opens by both still', () => {
    const keyring = createVault(old, () => [Buffer.from(next)])
    const { keyId } = createVault(next)
    const vault = keyring.sealingWith(keyId)
    expect(vault.keyId).toBe(keyId)
    expect(createVault(next).open(vault.seal(PLAIN, context), context)).toEqual(PLAIN)
    expect(vault.open(sealedByOld, context)).toEqual(PLAIN)
    expect(keyring.keyId).toBe(createVault(old).keyId)
  })

  test('has no third key', () => {
    const vault = createVault(old, () => [Buffer.from(next)])
    const foreign = createVault(Buffer.alloc(32, 3))
    expect(errorCodeOf(() => vault.open(foreign.seal(PLAIN, context), context))).toBe(
      'ERR_KEY_WRONG',
    )
    expect(errorCodeOf(() => vault.sealingWith(foreign.keyId))).toBe('ERR_KEY_WRONG')
  })
})
