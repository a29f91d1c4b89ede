import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CROCKFORD_ALPHABET } from '../../src/base/base32.ts'
import { PAPER_LINES, parsePaperLine, toPaperLines } from '../../src/vault/paper-key.ts'
import { errorCodeOf } from '../support/error-code.ts'

const KEY = Buffer.from(Array.from({ length: 32 }, (_, index) => index * 7))
const LINES = toPaperLines(KEY)
/** As another program came to them, from the description alone. */
const VECTOR = [
  '003G W58W 4CN3 2FKY',
  '70ZM CKAM BDH6 JXBW',
  'E1VQ X1CC JEDA 3M5X',
  'N2QV DFE4 SF9D JP6D',
]

function read(lines: readonly string[]): Buffer {
  return Buffer.concat(lines.map((line, index) => parsePaperLine(line, index + 1)))
}

describe('a master key on paper', () => {
  test('is four lines of four groups, the same ones for ever', () => {
    expect(LINES).toEqual(VECTOR)
    expect(LINES).toHaveLength(PAPER_LINES)
  })

  test('comes back as it was, whatever it is', () => {
    const anyKey = fc.uint8Array({ minLength: 32, maxLength: 32 })
    fc.assert(
      fc.property(anyKey, (bytes) => {
        expect(read(toPaperLines(Buffer.from(bytes)))).toEqual(Buffer.from(bytes))
      }),
    )
  })

  test('may be typed in small letters, with other gaps, and with letters for the digits they look like', () => {
    const typed = LINES.map((line) =>
      line.toLowerCase().replaceAll(' ', '-').replaceAll('0', 'o').replaceAll('1', 'l'),
    )
    expect(read(typed)).toEqual(KEY)
    expect(read(LINES.map((line) => line.replaceAll(' ', '')))).toEqual(KEY)
  })

  test('is refused with the line that has one wrong character, wherever that is', () => {
    const line = LINES[1] ?? ''
    for (const [at, right] of [...line].entries()) {
      if (right === ' ') continue
      const wrong = right === 'Z' ? 'Y' : 'Z'
      const typed = line.slice(0, at) + wrong + line.slice(at + 1)
      expect(() => parsePaperLine(typed, 2), typed).toThrow('line 2 is not as it was printed')
    }
  })

  test('is refused with a line that stands where another belongs, which it names', () => {
    expect(() => parsePaperLine(LINES[2] ?? '', 1)).toThrow('line 1 is the line 3 of the paper')
  })

  test.each([
    '',
    '0',
    'ABCD EFGH',
    `${LINES[0]} 0`,
    'UUUU UUUU UUUU UUUU',
    '0000 0000 0000 00é0',
  ])('is refused where a line is no line: %j', (text) => {
    expect(errorCodeOf(() => parsePaperLine(text, 1))).toBe('ERR_SECRET_INVALID')
  })

  test('has nothing in it that is misread', () => {
    for (const line of toPaperLines(randomBytes(32))) {
      expect(line).toMatch(/^(?:[0-9A-HJKMNP-TV-Z]{4} ){3}[0-9A-HJKMNP-TV-Z]{4}$/)
      expect([...line.replaceAll(' ', '')].every((each) => CROCKFORD_ALPHABET.includes(each))).toBe(
        true,
      )
    }
  })
})
