import fc from 'fast-check'
import { expect, test } from 'vitest'
import { renderTable } from '../../src/render/table.ts'

const HEADERS = ['user', 'status', 'reason']
const ROWS = [
  ['alice', 'enrolled', ''],
  ['bob', 'waived', 'new phone on its way'],
]

test('aligns columns under headers in capitals', () => {
  expect(renderTable(HEADERS, ROWS).split('\n')).toEqual([
    'USER   STATUS    REASON',
    'alice  enrolled',
    'bob    waived    new phone on its way',
  ])
})

test('cuts the widest column when the window is too narrow', () => {
  expect(renderTable(HEADERS, ROWS, { width: 30 }).split('\n')).toEqual([
    'USER   STATUS    REASON',
    'alice  enrolled',
    'bob    waived    new phone ...',
  ])
})

test('cuts nothing for a window of unknown width', () => {
  expect(renderTable(HEADERS, ROWS, { width: 0 })).toBe(renderTable(HEADERS, ROWS))
})

test('keeps one character of every cell when no width is enough', () => {
  expect(renderTable(['user', 'status'], [['alice', 'enrolled']], { width: 1 })).toBe(
    'USER  S...\na...  e...',
  )
})

test('makes cells printable before it aligns them', () => {
  expect(renderTable(['user', 'uid'], [['a\nb', '1']])).toBe('USER    UID\na\\x0ab  1')
})

test('shows headers alone for no rows', () => {
  expect(renderTable(HEADERS, [])).toBe('USER  STATUS  REASON')
})

test('shows more rows than a call takes arguments', () => {
  const rows = Array.from({ length: 200_000 }, () => ['1'])
  expect(renderTable(['seq'], rows)).toHaveLength('SEQ'.length + rows.length * '\n1'.length)
})

test('refuses a row that does not match the headers', () => {
  expect(() => renderTable(HEADERS, [['alice']])).toThrow(TypeError)
  expect(() => renderTable(['user'], [['alice', 'enrolled']])).toThrow(TypeError)
})

test('stays inside any window that has room for four characters a column', () => {
  const character = fc.constantFrom('a', ' ', '.', '\\', '\n', '\u001b', 'é', '🔑')
  const cell = fc.string({ unit: character, maxLength: 60 })
  const rows = fc.array(fc.tuple(cell, cell, cell), { maxLength: 5 })
  fc.assert(
    fc.property(rows, fc.integer({ min: 16, max: 120 }), (cells, width) => {
      const lines = renderTable(HEADERS, cells, { width }).split('\n')
      expect(lines).toHaveLength(cells.length + 1)
      expect(lines.filter((line) => line.length > width || !/^[ -~]*$/.test(line))).toEqual([])
    }),
  )
})
