import { describe, expect, test } from 'vitest'
import {
  CROCKFORD_ALPHABET,
  decodeBase32,
  encodeBase32,
  RFC4648_ALPHABET,
} from '../../src/base/base32.ts'
import { BASE32_VECTORS } from '../vectors/rfc4648.ts'

describe('base32', () => {
  test.each(BASE32_VECTORS)('encodes "$text" as RFC 4648 does, without padding', (vector) => {
    const plain = vector.padded.replace(/=+$/, '')
    expect(encodeBase32(Buffer.from(vector.text), RFC4648_ALPHABET)).toBe(plain)
    expect(decodeBase32(plain, RFC4648_ALPHABET)?.toString()).toBe(vector.text)
  })

  test.each([
    { what: 'a character outside the alphabet', text: 'MZXW6YT1' },
    { what: 'a lower-case letter', text: 'mzxw6ytb' },
    { what: 'padding', text: 'MY======' },
    { what: 'a blank', text: 'MZXW 6YTB' },
    { what: 'a letter of two code units', text: 'MZXW6Y\u{1d504}' },
    { what: 'one character, which is no byte', text: 'A' },
    { what: 'three characters, which are no whole bytes', text: 'AAA' },
    { what: 'six characters, which are no whole bytes', text: 'AAAAAA' },
    { what: 'spare bits that are set: a second spelling of the same bytes', text: 'MZ' },
  ])('refuses $what', ({ text }) => {
    expect(decodeBase32(text, RFC4648_ALPHABET)).toBeUndefined()
  })

  test('in Crockford letters has none that looks like another', () => {
    const every = Buffer.from('00443214c74254b635cf84653a56d7c675be77df', 'hex')
    expect(encodeBase32(every, CROCKFORD_ALPHABET)).toBe('0123456789ABCDEFGHJKMNPQRSTVWXYZ')
    expect(decodeBase32('ILOU', CROCKFORD_ALPHABET)).toBeUndefined()
  })
})
