import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { formatFirstFactor, parseFirstFactor } from '../../src/domain/first-factor.ts'

/** Any blob will do: a fingerprint is a hash of it. */
const KEY = Buffer.from('a public key').toString('base64')
const DIGEST = createHash('sha256').update('a public key').digest('base64')
const FINGERPRINT = `SHA256:${DIGEST.replaceAll('=', '')}`

describe('a first factor', () => {
  test('is read with its fingerprint, as ssh-keygen -l prints it', () => {
    const factor = parseFirstFactor(`publickey ssh-ed25519 ${KEY}\n`)
    expect(factor).toEqual({
      method: 'publickey',
      fingerprint: FINGERPRINT,
      keyType: 'ssh-ed25519',
    })
    expect(factor && formatFirstFactor(factor)).toBe(`publickey ${FINGERPRINT}`)
  })

  test.each(['password', 'hostbased', 'gssapi-with-mic', 'gssapi-keyex'])('may be %s', (method) => {
    const factor = parseFirstFactor(`${method}\n`)
    expect(factor).toEqual({ method, fingerprint: undefined, keyType: undefined })
    expect(factor && formatFirstFactor(factor)).toBe(method)
  })

  test('is the first line that proves one', () => {
    expect(parseFirstFactor(`keyboard-interactive/pam\npassword\n`)?.method).toBe('password')
    expect(parseFirstFactor(`password\npublickey ssh-rsa ${KEY}\n`)?.method).toBe('password')
  })

  test.each([
    undefined,
    '',
    '\n',
    'none\n',
    'keyboard-interactive\n',
    'keyboard-interactive/pam\n',
    'keyboard-interactive/password\n',
    'Publickey ssh-ed25519 AAAA\n',
    ' publickey ssh-ed25519 AAAA\n',
    'publickey\tssh-ed25519\n',
    'publickeyx\n',
    'xpassword\n',
    'password-less\n',
    'gssapi\n',
    'none publickey\n',
  ])('is not proven by %j', (authInfo) => {
    expect(parseFirstFactor(authInfo)).toBeUndefined()
  })
})
