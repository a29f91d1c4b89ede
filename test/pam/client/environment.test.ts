import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseFirstFactor } from '../../../src/domain/first-factor.ts'
import { DEFAULT_PROMPT } from '../../../src/domain/message.ts'
import { readPamEnvironment } from '../../../src/host/pam-env.ts'
import { SSHD_ENTRIES, WENT_DIRECT } from './client-bench.ts'
import { describeClient } from './describe-client.ts'
import { answering } from './fake-daemon.ts'

const QUESTION = ['--first-factor-missing'] as const
const BARE = ['PAM_SERVICE=sshd', 'PAM_USER=alice', 'PAM_TYPE=auth'] as const

describeClient("PAM's environment", (suite) => {
  test.each([
    ['PAM_USER=mallory'],
    ['PAM_USER=alice'],
    ['PAM_USER'],
    ['PAM_TYPE'],
    ['SSH_CONNECTION=198.51.100.1 1 192.0.2.1 22'],
    ['SSH_AUTH_INFO_0=publickey t Zm9v'],
    ['SSH_AUTH_INFO_0'],
    ['PAM_OF_TOMORROW=1', 'PAM_OF_TOMORROW=2'],
    ['PAM_', 'LANG=C'],
  ])('with %j besides is refused before anybody is asked', async (...entries) => {
    const { run, serve, socket, takeDirectCall } = suite()
    const daemon = await serve(answering())
    for (const all of [
      [...SSHD_ENTRIES, ...entries],
      [...entries, ...SSHD_ENTRIES],
    ]) {
      const { status, stdout } = await run({ args: ['--socket', socket], entries: all })
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
      expect((await run({ args: QUESTION, entries: all })).status).toBe(1)
    }
    expect(daemon.requests).toEqual([])
    expect(takeDirectCall()).toBeUndefined()
  })

  test('may hold other variables twice, without a value, and with names like ours', async () => {
    const { run, serve, socket } = suite()
    await serve(answering())
    const others = ['LANG=C', 'LANG', '', '=', 'SSH_CONNECTION_2', 'SSH_CONNECTIO', 'XPAM_USER=x']
    const entries = [...others, ...SSHD_ENTRIES, ...others]
    expect((await run({ args: ['--socket', socket], entries })).status).toBe(0)
  })

  test('with more of PAM than there can be is refused', async () => {
    const { run, serve, socket } = suite()
    await serve(answering())
    const many = Array.from({ length: 100 }, (_, i) => `PAM_${i}=`)
    const entries = [...SSHD_ENTRIES, ...many]
    expect((await run({ args: ['--socket', socket], entries })).status).toBe(1)
  })

  test.each(BARE)('without %s is refused', async (missing) => {
    const { run, serve, socket, takeDirectCall } = suite()
    await serve(answering())
    const entries = SSHD_ENTRIES.filter((entry) => entry !== missing)
    expect((await run({ args: ['--socket', socket], entries })).status).toBe(1)
    expect(takeDirectCall()).toBeUndefined()
  })

  test('that is refused is followed by the question, as if no excuse had been found', async () => {
    const { run } = suite()
    const { status, stdout } = await run({ args: ['--excused'], entries: [] })
    expect({ status, stdout }).toEqual({ status: 1, stdout: `${DEFAULT_PROMPT}\n` })
  })
})

describeClient('whether a first factor is missing', (suite) => {
  test.each([
    ['no SSH_AUTH_INFO_0', [], 0],
    ['an empty one', ['SSH_AUTH_INFO_0='], 0],
    ['a keyboard-interactive pass', ['SSH_AUTH_INFO_0=keyboard-interactive/pam\n'], 0],
    ['a key', ['SSH_AUTH_INFO_0=publickey ssh-rsa Zm9v\n'], 1],
    ['a key that cannot be read', ['SSH_AUTH_INFO_0=publickey ssh-rsa =\n'], 1],
    ['a password in the second line', ['SSH_AUTH_INFO_0=none\npassword\n'], 1],
    ['gssapi', ['SSH_AUTH_INFO_0=gssapi-keyex a@B\n'], 1],
  ])('is with %s told without the daemon', async (_case, entries, expected) => {
    const { run, serve, socket, takeDirectCall } = suite()
    const daemon = await serve(answering())
    const args = ['--socket', socket, ...QUESTION]
    const { status, stdout } = await run({ args, entries: [...BARE, ...entries] })
    expect({ status, stdout }).toEqual({ status: expected, stdout: '' })
    expect(daemon.requests).toEqual([])
    expect(takeDirectCall()).toBeUndefined()
  })

  test.each(['account', 'session', '', 'auth '])('is not told in the phase %j', async (phase) => {
    const entries = ['PAM_SERVICE=sshd', 'PAM_USER=alice', `PAM_TYPE=${phase}`]
    expect((await suite().run({ args: QUESTION, entries })).status).toBe(1)
  })

  test('is for the direct verifier where a value is not ASCII', async () => {
    const entries = ['PAM_SERVICE=sshd', 'PAM_USER=zoë', 'PAM_TYPE=auth']
    expect((await suite().run({ args: QUESTION, entries })).status).toBe(WENT_DIRECT)
  })

  test('is told as the direct verifier tells it, whatever the environment', async () => {
    const { run } = suite()
    await fc.assert(
      fc.asyncProperty(anyEnvironment(), async (entries) => {
        const { status } = await run({ args: QUESTION, entries })
        expect([0, 1]).toContain(status)
        expect(status === 0).toBe(isMissing(entries))
      }),
      { seed: 5, numRuns: 300 },
    )
  })
})

describe('the environment that the comparison is made with', () => {
  test('comes to both answers', () => {
    const answers = fc.sample(anyEnvironment(), { seed: 5, numRuns: 300 }).map(isMissing)
    expect(new Set(answers)).toEqual(new Set([true, false]))
  })
})

/** What src/pam does for `--first-factor-missing`. */
function isMissing(entries: readonly string[]): boolean {
  try {
    const bytes = Buffer.from(entries.map((entry) => `${entry}\0`).join(''))
    const { user, service, type, sshAuthInfo } = readPamEnvironment(bytes)
    if (user === undefined || service === undefined || type !== 'auth') return false
    return parseFirstFactor(sshAuthInfo) === undefined
  } catch {
    return false
  }
}

/** Mostly whole, now and then with one thing too many. */
function anyEnvironment(): fc.Arbitrary<readonly string[]> {
  const words = [
    'publickey',
    'password',
    'hostbased',
    'gssapi-with-mic',
    'gssapi-',
    'none',
    'x',
    '',
  ]
  const line = fc.array(fc.constantFrom(...words, 'ssh-rsa', 'Zm9v'), { maxLength: 3 })
  const info = fc.array(line, { maxLength: 3 }).map((lines) => lines.map((it) => it.join(' ')))
  const odd = fc.constantFrom(
    'PAM_USER',
    'PAM_USER=',
    'SSH_AUTH_INFO_0',
    'PAM_X=1',
    'L=\u00e9',
    'L',
  )
  return fc
    .tuple(info, fc.array(odd, { maxLength: 1 }), fc.boolean())
    .map(([lines, odds, isFirst]) => {
      const whole = [...BARE, `SSH_AUTH_INFO_0=${lines.join('\n')}`]
      return isFirst ? [...odds, ...whole] : [...whole, ...odds]
    })
}
