import { describe, expect, test } from 'vitest'
import { plural, toPrintable } from '../../src/base/text.ts'

describe('text from outside', () => {
  test.each([
    { what: 'a newline', text: 'alice\nroot', shown: 'alice\\x0aroot' },
    { what: 'an escape sequence', text: '\x1b[2J', shown: '\\x1b[2J' },
    { what: 'NUL and DEL', text: '\0\x7f', shown: '\\x00\\x7f' },
    { what: 'a C1 control', text: '\x9b', shown: '\\x9b' },
    { what: 'a letter beyond ASCII', text: 'é', shown: '\\xe9' },
    { what: 'a mark that turns the line around', text: '\u202e', shown: '\\u{202e}' },
    { what: 'an emoji, as one', text: '\u{1f600}', shown: '\\u{1f600}' },
    { what: 'half an emoji', text: '\ud83d', shown: '\\u{d83d}' },
    { what: 'a backslash, so that no escape can be forged', text: '\\x0a', shown: '\\x5cx0a' },
  ])('shows $what as ASCII', ({ text, shown }) => {
    expect(toPrintable(text)).toBe(shown)
  })

  test('is left alone where it is harmless', () => {
    expect(toPrintable('alice %s "x" ~')).toBe('alice %s "x" ~')
  })

  test('is cut with dots behind the limit, never inside an escape', () => {
    expect(toPrintable('abcdef', 6)).toBe('abcdef')
    expect(toPrintable('abcdefg', 6)).toBe('abcdef...')
    expect(toPrintable('abcd\n', 6)).toBe('abcd...')
    expect(toPrintable('x'.repeat(40_000))).toBe(`${'x'.repeat(200)}...`)
  })
})

describe('a counted noun', () => {
  test('has an s unless there is one', () => {
    expect([0, 1, 2].map((count) => plural(count, 'code'))).toEqual([
      '0 codes',
      '1 code',
      '2 codes',
    ])
  })
})
