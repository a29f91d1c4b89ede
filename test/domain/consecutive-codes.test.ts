import { describe, expect, test } from 'vitest'
import { findConsecutive } from '../../src/domain/consecutive-codes.ts'
import { buildButton, SECRET } from '../support/account-fixture.ts'
import { HOTP_VECTORS } from '../vectors/rfc4226.ts'

const codeAt = (counter: number) => HOTP_VECTORS[counter]?.code ?? ''
const find = (first: string, second: string, from = 0, to = 20) =>
  findConsecutive(SECRET, buildButton(), { first, second }, { from, to })

describe('two codes in a row', () => {
  test.each([0, 1, 4, 8])('are found by the counter of the second: %i', (counter) => {
    expect(find(codeAt(counter), codeAt(counter + 1))).toEqual([counter + 1])
  })

  test('are none in the wrong order, with one between them, or twice the same', () => {
    expect(find(codeAt(4), codeAt(3))).toEqual([])
    expect(find(codeAt(3), codeAt(5))).toEqual([])
    expect(find(codeAt(3), codeAt(3))).toEqual([])
    expect(find(codeAt(3), '000000')).toEqual([])
  })

  test('are looked for where the second one is in the given range', () => {
    expect(find(codeAt(3), codeAt(4), 4, 4)).toEqual([4])
    expect(find(codeAt(3), codeAt(4), 5, 20)).toEqual([])
    expect(find(codeAt(3), codeAt(4), -5, 3)).toEqual([])
  })
})
