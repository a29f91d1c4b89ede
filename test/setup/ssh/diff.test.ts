import { readFileSync, writeFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { diffTexts } from '../../../src/setup/ssh/diff.ts'
import { requireTool } from '../../support/run-tool.ts'
import { useScratchDirectory } from '../../support/scratch-directory.ts'

const render = (before: string | undefined, after: string | undefined) =>
  diffTexts('/etc/x', before, after)
    .map(({ text }) => `${text}\n`)
    .join('')

const lines = (count: number) =>
  Array.from({ length: count }, (_, index) => `${index + 1}\n`).join('')

describe('diffTexts', () => {
  const scratch = useScratchDirectory()

  test('says nothing where nothing changes', () => {
    expect(diffTexts('/etc/x', 'a\n', 'a\n')).toEqual([])
    expect(diffTexts('/etc/x', undefined, undefined)).toEqual([])
  })

  test('shows one changed line with three on either side', () => {
    const before = lines(9)
    expect(render(before, before.replace('5\n', 'five\n'))).toBe(
      '--- /etc/x\n+++ /etc/x\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n',
    )
  })

  test('names /dev/null where a file is new, and where it goes', () => {
    expect(render(undefined, 'a\nb\n')).toBe('--- /dev/null\n+++ /etc/x\n@@ -0,0 +1,2 @@\n+a\n+b\n')
    expect(render('a\n', undefined)).toBe('--- /etc/x\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n')
  })

  test('gives changes that are far from each other a place of their own', () => {
    const changed = lines(30).replace('2\n', 'two\n').replace('29\n', 'end\n')
    const places = diffTexts('/etc/x', lines(30), changed).filter(({ kind }) => kind === 'place')
    expect(places.map(({ text }) => text)).toEqual(['@@ -1,5 +1,5 @@', '@@ -26,5 +26,5 @@'])
  })

  test('says that a last line has no end', () => {
    expect(render('a', 'a\n')).toContain('-a\n\\ No newline at end of file\n+a\n')
  })

  test('is what patch(1) makes the new text of, whatever the texts are', () => {
    const text = fc
      .array(fc.constantFrom('a', 'b', 'c', '', '  x'), { maxLength: 12 })
      .chain((all) =>
        fc.constantFrom('', '\n').map((end) => all.join('\n') + (all.length ? end : '')),
      )
    fc.assert(
      fc.property(text, text, (before, after) => {
        fc.pre(before !== after && before !== '' && after !== '')
        writeFileSync(scratch('file'), before)
        requireTool('patch', ['--silent', scratch('file')], render(before, after))
        expect(readFileSync(scratch('file'), 'utf8')).toBe(after)
      }),
      { numRuns: 60 },
    )
  })
})
