import { expect, test } from 'vitest'
import { type Block, type Page, paragraph } from '../../src/manual/page.ts'
import { renderRoff } from '../../src/manual/roff.ts'
import { formatPage } from './formatted-page.ts'

function pageOf(...blocks: readonly Block[]): Page {
  return { name: 'tried', section: 8, about: 'a try', sections: [{ title: 'PART', blocks }] }
}

test('a page shows text, terms, calls and examples as they were given', () => {
  const page = pageOf(
    { kind: 'heading', title: '`one` <two>' },
    { kind: 'calls', calls: ['`tried` [<options>]'] },
    { kind: 'entries', entries: [{ term: '`--key` <file>', about: 'what it is' }] },
    { kind: 'example', lines: ['first \\', '', '  "second"'] },
  )
  const { text, stderr } = formatPage(renderRoff(page, '1.2.3', [{ ...pageOf(), name: 'other' }]))
  expect(stderr).toBe('')
  expect(text).toContain('   one two\n       tried [options]\n\n       --key file\n')
  expect(text).toContain('              what it is\n')
  expect(text).toContain('           first \\\n\n             "second"\n')
  expect(text).toMatch(/SEE ALSO\n {7}other\(8\)\n\notpgate 1\.2\.3 +tried\(8\)\n/)
})

test('no character of a text is taken for a request, or made into a prettier one', () => {
  const hostile = `.br \\fB -- it's "a" ^ ~ \\n(.x`
  const { text, stderr } = formatPage(renderRoff(pageOf(paragraph(hostile)), '1', []))
  expect(stderr).toBe('')
  expect(text).toContain(`       ${hostile}\n`)
})

test.each([
  'an `open mark',
  'an <open mark',
  'two\nlines',
  'caf\u00e9',
])('a text that cannot be printed is an error: %j', (text) => {
  expect(() => renderRoff(pageOf(paragraph(text)), '1', [])).toThrow()
})
