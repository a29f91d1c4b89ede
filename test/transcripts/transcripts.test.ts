import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { canRunCommandLine } from '../support/cli-requirement.ts'
import { parseTranscript, renderExchange } from './transcript.ts'
import { openTranscriptHost, type TranscriptHost } from './transcript-host.ts'

const SLOW_TEST_MS = 120_000
const NAMES = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.txt'))

/**
 * Each .txt is a session at a shell, run anew and compared with itself; `vitest -u` writes down what
 * came out instead, to be read before it is committed. See transcript.ts for the signs.
 */
describe.skipIf(!canRunCommandLine())('the command line', { timeout: SLOW_TEST_MS }, () => {
  let host: TranscriptHost
  const statuses = new Set<number | undefined>()

  beforeAll(() => {
    host = openTranscriptHost()
  }, SLOW_TEST_MS)
  afterAll(() => host?.close())

  test.each(NAMES)('answers as in %s', async (name) => {
    const file = join(import.meta.dirname, name)
    const run = host.openPlace(basename(name, '.txt'))
    const { exchanges, after } = parseTranscript(readFileSync(file, 'utf8'))
    const seen: string[] = []
    for (const exchange of exchanges) {
      const observation = await run(exchange)
      statuses.add(observation.status)
      seen.push(renderExchange(exchange, observation))
      expect(observation.stdout + observation.stderr).toMatch(/^[\n -~\u2580-\u259f]*$/)
    }
    await expect([...seen, ...after].join('')).toMatchFileSnapshot(file)
  })

  test('has been seen to end with every exit status there is', () => {
    expect([...statuses].toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  })
})
