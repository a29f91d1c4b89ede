import { describe, expect, test } from 'vitest'
import type { OtpParameters } from '../../src/domain/device.ts'
import { toOtpauthUri, toSecretBase32 } from '../../src/domain/otpauth-uri.ts'
import { parseSecret } from '../../src/domain/secret.ts'
import { SECRET } from '../support/account-fixture.ts'

const PARAMETERS: OtpParameters = {
  kind: 'totp',
  algorithm: 'SHA256',
  digits: 8,
  periodSeconds: 60,
}
const uriFor = (issuer: string, account = 'alice') =>
  toOtpauthUri(SECRET, PARAMETERS, { issuer, account })

describe('the key URI', () => {
  test('spells out every parameter', () => {
    expect(uriFor('bastion.example.org')).toBe(
      'otpauth://totp/bastion.example.org:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ' +
        '&issuer=bastion.example.org&algorithm=SHA256&digits=8&period=60',
    )
  })

  test.each([
    'a b+c',
    'x&issuer=evil',
    'x#fragment',
    'x?secret=A',
    'x/../y',
    'x:y',
    '100%',
    '%41',
    'Büro 東京',
    "!'()*",
    '"<>\\^`{|}',
    'line\nbreak\0',
    '\u{1f512}',
  ])('keeps the issuer and account %j, and nothing leaks out of them', (text) => {
    const uri = uriFor(text, text)
    expect(uri).toMatch(/^otpauth:\/\/totp\/[A-Za-z0-9\-._~%]+:[A-Za-z0-9\-._~%]+\?[\w\-.~%=&]+$/)
    const url = new URL(uri)
    expect(Object.fromEntries(url.searchParams)).toEqual({
      secret: toSecretBase32(SECRET),
      issuer: text,
      algorithm: 'SHA256',
      digits: '8',
      period: '60',
    })
    expect(url.hash).toBe('')
    expect(url.pathname.slice(1).split(':').map(decodeURIComponent)).toEqual([text, text])
  })

  test('survives half an emoji in a name', () => {
    expect(new URL(uriFor('a\ud83d')).searchParams.get('issuer')).toBe('a\ufffd')
  })
})

test('the key URI of a device that counts says where it counts from, and no period', () => {
  const owner = { issuer: 'host', account: 'alice' }
  const hotp = { kind: 'hotp', algorithm: 'SHA1', digits: 6 } as const
  const start = 'otpauth://hotp/host:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'
  const rest = `${start}&issuer=host&algorithm=SHA1&digits=6`
  expect(toOtpauthUri(SECRET, hotp, owner)).toBe(`${rest}&counter=0`)
  expect(toOtpauthUri(SECRET, hotp, owner, 42)).toBe(`${rest}&counter=42`)
})

test('a secret reads back from what is shown of it', () => {
  expect(parseSecret(toSecretBase32(SECRET))).toEqual(SECRET)
  expect(toSecretBase32(SECRET)).not.toContain('=')
})
