import { expect, test } from 'vitest'
import { CROCKFORD_ALPHABET } from '../../src/base/base32.ts'
import { renderSpokenCode } from '../../src/render/spoken-code.ts'

test('a code is said group by group, a word for each character', () => {
  expect(renderSpokenCode('K7QM-0V1X')).toBe(
    'K7QM  Kilo seven Quebec Mike\n0V1X  zero Victor one X-ray',
  )
})

test('every character that occurs in a code has a word of its own', () => {
  const words = [...CROCKFORD_ALPHABET].map((each) => renderSpokenCode(each).slice(3))
  expect(words.every((word) => word.length > 1)).toBe(true)
  expect(new Set(words).size).toBe(CROCKFORD_ALPHABET.length)
})
