import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseAnswer } from '../../src/domain/answer.ts'

const someDigits = fc.string({
  unit: fc.constantFrom(...'0123456789'),
  minLength: 4,
  maxLength: 10,
})
const aroundDigits = fc.constantFrom('', ' ', '-', '\n', '\t', '\0', '+', '\u00a0', '\u3000', '６')
/** Bytes of every kind, and texts that are nearly codes. */
const anyBytes = fc.oneof(
  fc.uint8Array({ maxLength: 512 }),
  fc.string({ unit: 'binary', maxLength: 40 }).map((text) => Buffer.from(text)),
  fc
    .tuple(aroundDigits, someDigits, aroundDigits, someDigits, aroundDigits)
    .map((pieces) => Buffer.from(pieces.join(''))),
  fc
    .string({ unit: fc.constantFrom(...'0O1IiLlAz9 -'), maxLength: 24 })
    .map((text) => Buffer.from(text)),
)

/** What is left of an answer without its terminator and the characters that nobody counts. */
function bareText(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1').replace(/\0$/, '').replace(/[\s-]/g, '')
}

test('every answer has a verdict, and only ASCII is ever taken for a code', () => {
  fc.assert(
    fc.property(anyBytes, (bytes) => {
      const answer = parseAnswer(Buffer.from(bytes))
      if (answer.kind === 'unusable') return
      expect(bytes.length).toBeLessThan(511)
      expect(bytes.every((byte) => byte < 0x7f)).toBe(true)
      const bare = bareText(bytes)
      if (answer.kind === 'code') {
        expect(answer.code).toMatch(/^[0-9]{6,8}$/)
        expect(answer.code).toBe(bare)
      } else {
        expect(`${answer.parts.selector}${answer.parts.secret}`).toMatch(/^[0-9A-HJKMNP-TV-Z]{16}$/)
        expect(bare).toHaveLength(16)
      }
    }),
    { numRuns: 2000 },
  )
})

test('six to eight digits are a code, written together or in two groups', () => {
  const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 6, maxLength: 8 })
  const blanks = fc.constantFrom('', ' ', '\t', '  ', '\r\n')
  const separator = fc.constantFrom('', ' ', '-')
  fc.assert(
    fc.property(digits, fc.integer({ min: 1, max: 5 }), separator, blanks, (...row) => {
      const [code, at, between, around] = row
      const typed = around + code.slice(0, at) + between + code.slice(at) + around
      expect(parseAnswer(Buffer.from(typed))).toEqual({ kind: 'code', code })
    }),
  )
})
