import { Readable } from 'node:stream'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createLineReader, LINE_LIMIT } from '../../src/host/line-reader.ts'
import { openPrompter } from '../../src/host/prompt.ts'

async function readAll(chunks: readonly Uint8Array[]): Promise<readonly string[]> {
  const reader = createLineReader(Readable.from(chunks))
  const lines: string[] = []
  for (let line = await reader.next(); line !== undefined; line = await reader.next()) {
    lines.push(line)
  }
  return lines
}

test('lines come out in order, however the input is cut into pieces', async () => {
  const line = fc.string({ unit: 'grapheme', maxLength: 20 }).map((s) => s.replace(/[\r\n]/g, ''))
  await fc.assert(
    fc.asyncProperty(fc.array(line), fc.integer({ min: 1, max: 7 }), async (lines, size) => {
      const bytes = Buffer.from(lines.map((each) => `${each}\n`).join(''))
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
        bytes.subarray(index * size, (index + 1) * size),
      )
      expect(await readAll(chunks)).toEqual(lines)
    }),
  )
})

test('a last line needs no line end, and line ends may be those of Windows', async () => {
  expect(await readAll([Buffer.from('one\r\n\r\ntwo')])).toEqual(['one', '', 'two'])
  expect(await readAll([])).toEqual([])
})

test('a line beyond the limit is refused, before it is kept in memory without end', async () => {
  const longest = 'x'.repeat(LINE_LIMIT)
  expect(await readAll([Buffer.from(`${longest}\n`)])).toEqual([longest])
  for (const text of [`${longest}x\n`, `${longest}x`]) {
    const reader = createLineReader(Readable.from([Buffer.from(text)]))
    await expect(reader.next()).rejects.toMatchObject({ code: 'ERR_USAGE' })
  }
})

test('several prompts are answered from one pipe, without showing any', async () => {
  const shown: string[] = []
  const input = Readable.from([Buffer.from('123456\nsecret\n')])
  const prompter = openPrompter(input, { write: (text) => shown.push(text) })
  expect(prompter.isInteractive).toBe(false)
  expect(await prompter.readLine('Code: ')).toBe('123456')
  expect(await prompter.readSecretLine('Secret: ')).toBe('secret')
  expect(await prompter.readLine('More: ')).toBeUndefined()
  expect(await prompter.readLine('More: ')).toBeUndefined()
  expect(shown).toEqual([])
  prompter.close()
  expect(input.destroyed).toBe(true)
})
