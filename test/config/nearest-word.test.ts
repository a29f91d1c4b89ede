import { expect, test } from 'vitest'
import { findNearestWord } from '../../src/config/nearest-word.ts'

const WORDS = ['issuer', 'digits', 'period', 'window']

test.each([
  ['digit', 'digits'],
  ['isuser', 'issuer'],
  ['Period', 'period'],
  ['windows', 'window'],
])('%s was meant to be %s', (word, meant) => {
  expect(findNearestWord(word, WORDS)).toBe(meant)
})

test.each(['', 'x', 'step', 'pqrstu', 'digits'.repeat(10_000)])('%.20j is near to none', (word) => {
  expect(findNearestWord(word, WORDS)).toBeUndefined()
})
