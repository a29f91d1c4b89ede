import { expect, test } from 'vitest'
import { renderColumns } from '../../src/render/columns.ts'

test('numbers ten codes downwards in two columns', () => {
  const codes = ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'J', 'K'].map((letter) => letter.repeat(4))
  expect(renderColumns(codes, 2).split('\n')).toEqual([
    ' 1. AAAA     6. FFFF',
    ' 2. BBBB     7. GGGG',
    ' 3. CCCC     8. HHHH',
    ' 4. DDDD     9. JJJJ',
    ' 5. EEEE    10. KKKK',
  ])
})

test('leaves the last column shorter when items do not fill it', () => {
  expect(renderColumns(['a', 'bb', 'c'], 2).split('\n')).toEqual(['1. a     3. c', '2. bb'])
})

test('shows nothing for no items', () => {
  expect(renderColumns([], 2)).toBe('')
})

test('makes items printable', () => {
  expect(renderColumns(['a\u001b[2Jb'], 2)).toBe('1. a\\x1b[2Jb')
})

test.each([0, -1, 1.5, Number.NaN])('refuses %d columns', (columns) => {
  expect(() => renderColumns(['a'], columns)).toThrow(RangeError)
})
