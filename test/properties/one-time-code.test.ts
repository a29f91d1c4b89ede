import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseAnswer } from '../../src/domain/answer.ts'
import {
  formatOneTimeCode,
  ONE_TIME_CODE_BYTES,
  parseOneTimeCode,
  toOneTimeCodeParts,
} from '../../src/domain/one-time-code.ts'

const bytes = fc.uint8Array({ minLength: ONE_TIME_CODE_BYTES, maxLength: ONE_TIME_CODE_BYTES })

/** How one character may be copied from paper, and what may stand before it. */
const writing = fc.record({
  looks: fc.nat(2),
  isLower: fc.boolean(),
  gap: fc.constantFrom('', '', '', ' ', '-', ' - ', '\t'),
})

/** Characters that are taken for each other. */
const CONFUSED: Readonly<Record<string, string>> = { '0': '0OO', '1': '1IL' }

test('a one-time code is read back however it is copied', () => {
  fc.assert(
    fc.property(bytes, fc.array(writing, { minLength: 16, maxLength: 16 }), (random, writings) => {
      const parts = toOneTimeCodeParts(Buffer.from(random))
      const plain = formatOneTimeCode(parts).replaceAll('-', '')
      const typed = writings.map(({ looks, isLower, gap }, index) => {
        const character = plain.charAt(index)
        const seen = CONFUSED[character]?.charAt(looks) ?? character
        return gap + (isLower ? seen.toLowerCase() : seen)
      })
      expect(parseOneTimeCode(typed.join(''))).toEqual(parts)
      const answer = { kind: 'one-time-code', parts }
      expect(parseAnswer(Buffer.from(typed.join('')))).toEqual(answer)
    }),
  )
})

test('two one-time codes are the same only when their bytes are', () => {
  fc.assert(
    fc.property(bytes, bytes, (one, other) => {
      const shown = [one, other].map((each) =>
        formatOneTimeCode(toOneTimeCodeParts(Buffer.from(each))),
      )
      expect(shown[0] === shown[1]).toBe(Buffer.from(one).equals(other))
    }),
  )
})
