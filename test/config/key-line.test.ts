import { describe, expect, test } from 'vitest'
import { findKeyLine, mapKeyLines } from '../../src/config/key-line.ts'

const lineOf = (toml: string, ...path: string[]) => findKeyLine(mapKeyLines(toml), path)

describe('the line of a key', () => {
  test.each([
    ['under a table', '[a]\n\n# c\nb = 1', 4],
    ['under a table written with blanks', '  [ a ]  # [x]\n  b = 1', 2],
    ['dotted', '\na.b = 1', 2],
    ['dotted, with blanks and quotes', '\n\n"a" . \'b\' = 1', 3],
    ['below a table of another name', '[c]\nb = 1\n[a]\nb = 1', 4],
    ['below the same key as a comment', '[a]\n#b = 1\nb = 2', 3],
    ['after a string with a bracket', '[a]\nx = "["\nb = 1', 3],
    ['in a file with CR LF', '[a]\r\n\r\nb = 1\r\n', 3],
    ['behind a byte order mark', '\ufeff[a]\nb = 1', 2],
    ['before its repetition', '[a]\nb = 1\nb = 2', 2],
  ])('is found %s', (_case, toml, line) => {
    expect(lineOf(toml, 'a', 'b')).toBe(line)
  })

  test('is that of the table where the key itself is not understood', () => {
    expect(lineOf('\n[a]\n"\\u0062" = 1', 'a', 'b')).toBe(2)
    expect(lineOf('\na = { b = 1 }', 'a', 'b')).toBe(2)
    expect(lineOf('\n\na.c = 1', 'a', 'b')).toBe(3)
  })

  test('is told apart by the place of its table in an array of tables', () => {
    const toml = '[[a]]\nb = 1\n[c]\nb = 1\n[[ a ]]\n\nb = 1'
    expect(lineOf(toml, 'a', '0', 'b')).toBe(2)
    expect(lineOf(toml, 'a', '1', 'b')).toBe(7)
    expect(lineOf(toml, 'a', '1', 'x')).toBe(5)
    expect(lineOf(toml, 'a', '2', 'b')).toBe(1)
    expect(lineOf(toml, 'c', 'b')).toBe(4)
  })

  test('is 1 for a key of which nothing is there', () => {
    expect(lineOf('\n[a]\nb = 1', 'x', 'y')).toBe(1)
  })
})
