import { Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { openOutput } from '../../src/cli/output.ts'

/** Prints once, with these ways back, to something that fails like this; the complaint. */
function failWith(code: string, ...waysBack: readonly string[]): Promise<readonly string[]> {
  const error = Object.assign(new Error('failed'), { code })
  const stream = new Writable({ write: (_chunk, _encoding, done) => done(error) })
  return new Promise((resolve) => openOutput(stream, resolve)('secret\n', ...waysBack))
}

test('output that cannot be written is lost, and that is said', async () => {
  expect(await failWith('ENOSPC')).toEqual([
    'otpgate: cannot write the output (ENOSPC)',
    'hint: what was to be shown is lost',
  ])
})

test('a reader that has seen enough is told nothing', async () => {
  expect(await failWith('EPIPE')).toEqual([])
})

test.each(['ENOSPC', 'EPIPE'])('what was shown this one time has a way back: %s', async (code) => {
  expect(await failWith(code, 'otpgate qr alice', 'otpgate recovery new alice')).toEqual([
    `otpgate: cannot write the output (${code})`,
    'hint: what was to be shown is lost; run: otpgate qr alice, and: otpgate recovery new alice',
  ])
})
