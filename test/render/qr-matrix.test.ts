import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createQrMatrix, isDark } from '../../src/render/qr-matrix.ts'
import { renderQrPng } from '../../src/render/qr-png.ts'
import { readQrImages } from '../support/qr-reader.ts'

const PRINTABLE = String.fromCharCode(...Array.from({ length: 95 }, (_, index) => 0x20 + index))
/** More than the largest symbol holds, 2,953 characters. */
const LONG_TEXT = PRINTABLE.repeat(32)

function readBack(texts: readonly string[]): string[] {
  return readQrImages(texts.map((text) => renderQrPng(createQrMatrix(text))))
}

test('encodes every printable ASCII character as itself', () => {
  expect(readBack([PRINTABLE])).toEqual([PRINTABLE])
})

test('encodes texts at every edge: of a version, of the length field, of the level, of the format', () => {
  // Version 1, 9 and 26 end at 14, 180 and 1,059 characters, level M ends at 2,331.
  const lengths = [1, 14, 15, 180, 181, 1059, 1060, 2331, 2332, 2953]
  const texts = lengths.map((length) => LONG_TEXT.slice(0, length))
  expect(readBack(texts)).toEqual(texts)
})

test('encodes any printable ASCII', () => {
  const text = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 1000, size: 'max' })
  const texts = fc.array(text, { minLength: 8, maxLength: 8 })
  fc.assert(
    fc.property(texts, (batch) => {
      expect(readBack(batch)).toEqual(batch)
    }),
    { numRuns: 4, endOnFailure: true },
  )
})

test('takes the smallest symbol that mends 15 % of damage', () => {
  expect(createQrMatrix(LONG_TEXT.slice(0, 14)).size).toBe(21)
  expect(createQrMatrix(LONG_TEXT.slice(0, 15)).size).toBe(25)
  expect(createQrMatrix(LONG_TEXT.slice(0, 2331)).size).toBe(177)
})

test('gives as many rows and columns as it says, with the finder pattern in the corner', () => {
  const matrix = createQrMatrix('otpauth://totp/a?secret=GEZDGNBVGY3TQOJQ')
  expect(new Set([matrix.rows.length, ...matrix.rows.map((row) => row.length)])).toEqual(
    new Set([matrix.size]),
  )
  expect(matrix.rows.slice(0, 2).map((row) => row.slice(0, 8))).toEqual([
    [true, true, true, true, true, true, true, false],
    [true, false, false, false, false, false, true, false],
  ])
})

test('is light outside of the symbol', () => {
  const matrix = createQrMatrix('a')
  expect(isDark(matrix, 0, 0)).toBe(true)
  for (const outside of [-1, matrix.size]) {
    expect(isDark(matrix, outside, 0)).toBe(false)
    expect(isDark(matrix, 0, outside)).toBe(false)
  }
})

test('refuses a text that no symbol holds, and does not repeat it', () => {
  const tooLong = LONG_TEXT.slice(0, 2954)
  expect(() => createQrMatrix(tooLong)).toThrow(
    expect.objectContaining({
      code: 'ERR_USAGE',
      message: 'a text of 2954 characters does not fit into a QR code',
    }),
  )
})

test.each([
  '',
  'zoë',
  '\u0110',
  'a\nb',
  'a\0',
  '🔑',
])('refuses %j rather than encode another text', (text) => {
  expect(() => createQrMatrix(text)).toThrow(TypeError)
})
