import { describe, expect, test } from 'vitest'
import { wrapWords } from '../../src/render/wrap.ts'

describe('words in a narrow window', () => {
  test('are broken at blanks, each line as full as it can be', () => {
    expect(wrapWords('one two three four', 9)).toEqual(['one two', 'three', 'four'])
    expect(wrapWords('one two three four', 10)).toEqual(['one two', 'three four'])
  })

  test('stay whole where one of them is longer than a line', () => {
    expect(wrapWords('a /very/long/path b', 6)).toEqual(['a', '/very/long/path', 'b'])
  })
})
