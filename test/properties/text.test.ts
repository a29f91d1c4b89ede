import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  CROCKFORD_ALPHABET,
  decodeBase32,
  encodeBase32,
  RFC4648_ALPHABET,
} from '../../src/base/base32.ts'
import { toPrintable } from '../../src/base/text.ts'
import { formatDuration, parseDuration } from '../../src/base/time.ts'

const DOTS = '...'
const alphabet = fc.constantFrom(RFC4648_ALPHABET, CROCKFORD_ALPHABET)
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.array(fc.nat(0xffff), { maxLength: 40 }).map((units) => String.fromCharCode(...units)),
)

test('bytes come back from base32 as they were', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), alphabet, (bytes, letters) => {
      const text = encodeBase32(bytes, letters)
      expect([...text].every((letter) => letters.includes(letter))).toBe(true)
      expect(decodeBase32(text, letters)?.equals(bytes)).toBe(true)
    }),
  )
})

test('no two base32 texts mean the same bytes', () => {
  const letters = fc.string({ unit: fc.constantFrom(...RFC4648_ALPHABET), maxLength: 20 })
  fc.assert(
    fc.property(letters, (text) => {
      const bytes = decodeBase32(text, RFC4648_ALPHABET)
      fc.pre(bytes !== undefined)
      expect(encodeBase32(bytes, RFC4648_ALPHABET)).toBe(text)
    }),
  )
})

test('shown text is one line of ASCII within its limit, whatever came', () => {
  fc.assert(
    fc.property(anyText, fc.nat(80), (text, longest) => {
      const shown = toPrintable(text, longest)
      expect(shown).toMatch(/^[ -~]*$/)
      expect(shown.length).toBeLessThanOrEqual(longest + DOTS.length)
      if (shown.length > longest) expect(shown.endsWith(DOTS)).toBe(true)
    }),
  )
})

test('two texts that are shown whole are shown differently', () => {
  fc.assert(
    fc.property(anyText, anyText, (one, other) => {
      const limit = 1000
      expect(toPrintable(one, limit) === toPrintable(other, limit)).toBe(one === other)
    }),
  )
})

test('a duration is read back as it was written', () => {
  fc.assert(
    fc.property(fc.nat(999_999_999), (seconds) => {
      expect(parseDuration(formatDuration(seconds))).toBe(seconds)
    }),
  )
})
