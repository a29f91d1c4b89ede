import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parseFirstFactor } from '../../../src/domain/first-factor.ts'
import { requireTool } from '../../support/run-tool.ts'
import { useScratchDirectory } from '../../support/scratch-directory.ts'
import { SSHD_ENTRIES, WENT_DIRECT } from './client-bench.ts'
import { describeClient } from './describe-client.ts'
import { answering, type Request } from './fake-daemon.ts'

const scratch = useScratchDirectory()

/** `tag: text` of each entry, as it came. */
function entriesOf(request: Request | undefined): readonly string[] {
  return (request?.entries ?? []).map(({ tag, bytes }) => `${tag}: ${bytes.toString('latin1')}`)
}

const LOGIN_ENTRIES = [
  '3: alice',
  '4: sshd',
  '5: auth',
  '6: ssh',
  '7: 203.0.113.9',
  '8: 203.0.113.9 40000 192.0.2.1 22',
] as const

describeClient('what the client asks', (suite) => {
  async function ask(
    words: readonly string[],
    input = '',
    entries: readonly string[] = SSHD_ENTRIES,
  ) {
    const { run, serve, socket } = suite()
    const daemon = await serve(answering())
    const { status } = await run({ args: ['--socket', socket, ...words], entries, input })
    expect(status).toBe(0)
    expect(daemon.requests).toHaveLength(1)
    return daemon.requests[0]
  }

  test('is the login, the first factor and the answer', async () => {
    const request = await ask([], '123456')
    expect(request?.what).toBe(1)
    expect(entriesOf(request)).toEqual([...LOGIN_ENTRIES, '9: password', '12: 123456'])
  })

  test('holds an empty answer where nothing was typed', async () => {
    expect(entriesOf(await ask([])).at(-1)).toBe('12: ')
  })

  test('holds what was typed byte by byte, 512 at most', async () => {
    const typed = '\0\x7f\n x'.repeat(200)
    expect(entriesOf(await ask([], typed)).at(-1)).toBe(`12: ${typed.slice(0, 512)}`)
  })

  test.each([
    [['--excused'], 2, []],
    [['--account'], 3, []],
    [['--outside-group', 'staff'], 4, ['2: staff']],
    [['--config', '/etc/other.toml', '--excused'], 2, ['1: /etc/other.toml']],
    [['--config', '/a', '--outside-group', 'staff'], 4, ['1: /a', '2: staff']],
  ])('is by %j mode %d, without an answer', async (words, mode, first) => {
    const request = await ask(words, '123456')
    expect(request?.what).toBe(mode)
    expect(entriesOf(request)).toEqual([...first, ...LOGIN_ENTRIES, '9: password'])
  })

  test('leaves out what is not there, and says what is empty', async () => {
    const entries = ['PAM_USER=bob', 'PAM_SERVICE=su', 'PAM_TYPE=auth', 'PAM_TTY=']
    const request = await ask(['--excused'], '', entries)
    expect(entriesOf(request)).toEqual(['3: bob', '4: su', '5: auth', '6: '])
  })

  test('has an attempt of its own each time', async () => {
    const { run, serve, socket } = suite()
    const daemon = await serve(answering())
    for (let i = 0; i < 20; i++) await run({ args: ['--socket', socket, '--account'] })
    const attempts = daemon.requests.map(({ attempt }) => attempt.toString('hex'))
    expect(new Set(attempts).size).toBe(20)
    expect(attempts.every((attempt) => attempt.length === 32)).toBe(true)
  })
})

describeClient('the first factor in a request', (suite) => {
  async function askWith(info: string) {
    const { run, serve, socket } = suite()
    const daemon = await serve(answering())
    const entries = [...SSHD_ENTRIES.slice(0, -1), `SSH_AUTH_INFO_0=${info}`]
    const { status } = await run({ args: ['--socket', socket, '--excused'], entries })
    const sent = entriesOf(daemon.requests[0]).filter((entry) => /^(9|1\d):/.test(entry))
    await daemon.close()
    return { status, sent }
  }

  function makeKey(type: string, bits: string): string {
    const file = scratch(`key-${type}-${bits}`)
    requireTool('ssh-keygen', ['-q', '-t', type, '-b', bits, '-N', '', '-C', 'x', '-f', file])
    return `${file}.pub`
  }

  /** Long by its names: how long a long RSA key takes to be found is a matter of luck. */
  function makeCertificate(): string {
    const key = makeKey('ed25519', '256')
    const names = Array.from({ length: 70 }, (_, i) => `principal-with-a-long-name-${i}`).join(',')
    requireTool('ssh-keygen', ['-q', '-s', key.slice(0, -4), '-I', 'id', '-n', names, key])
    return `${key.slice(0, -4)}-cert.pub`
  }

  test.each([
    ['an Ed25519 key', () => makeKey('ed25519', '256')],
    ['an ECDSA key', () => makeKey('ecdsa', '521')],
    ['an RSA key', () => makeKey('rsa', '2048')],
  ])('is for %s the fingerprint that ssh-keygen prints', async (_case, make) => {
    const file = make()
    const [type, key] = readFileSync(file, 'utf8').split(' ')
    const fingerprint = requireTool('ssh-keygen', ['-l', '-f', file]).stdout.split(' ')[1]
    const { status, sent } = await askWith(`publickey ${type} ${key}\n`)
    expect(status).toBe(0)
    expect(sent).toEqual(['9: publickey', `10: ${type}`, `11: ${fingerprint}`])
  })

  test('is for a certificate of 3 kB the one that the direct verifier comes to', async () => {
    const [type, key = ''] = readFileSync(makeCertificate(), 'utf8').split(' ')
    expect(key.length).toBeGreaterThan(3000)
    const info = `publickey ${type} ${key}\n`
    const { fingerprint } = parseFirstFactor(info) ?? {}
    const { sent } = await askWith(info)
    expect(sent).toEqual(['9: publickey', `10: ${type}`, `11: ${fingerprint}`])
  })

  // RFC 4648, section 10: every length of padding.
  test.each([
    'Zg==',
    'Zm8=',
    'Zm9v',
    'Zm9vYg==',
    'Zm9vYmE=',
    'Zm9vYmFy',
  ])('reads the base64 %s', async (key) => {
    const info = `publickey t ${key}`
    const { fingerprint } = parseFirstFactor(info) ?? {}
    expect((await askWith(info)).sent).toEqual(['9: publickey', '10: t', `11: ${fingerprint}`])
  })

  test.each([
    ['password\n', ['9: password']],
    ['keyboard-interactive/pam\nhostbased ssh-rsa Zg==\n', ['9: hostbased', '10: ssh-rsa']],
    ['gssapi-with-mic alice@EXAMPLE.ORG\n', ['9: gssapi-with-mic', '10: alice@EXAMPLE.ORG']],
    ['password\npublickey t Zm9v\n', ['9: password']],
    ['keyboard-interactive/pam\n', []],
    ['gssapi-\ngssapi-X\npasswords\nPassword\n publickey\n', []],
    ['', []],
  ])('of %j is as the direct verifier reads it', async (info, first) => {
    const { sent } = await askWith(info)
    expect(sent.slice(0, first.length)).toEqual(first)
    const { method, keyType, fingerprint } = parseFirstFactor(info) ?? {}
    const read = [method && `9: ${method}`, keyType && `10: ${keyType}`]
    expect(sent).toEqual([...read, fingerprint && `11: ${fingerprint}`].filter((it) => it))
  })

  test.each([
    'publickey t Zm9',
    'publickey t Zm9=',
    'publickey t Zh==',
    'publickey t Zm9v====',
    'publickey t Zm=v',
    'publickey t Z-_v',
    'publickey t Zm9v\r',
    'publickey t =',
    'publickey t ',
    'publickey  Zm9v',
    'publickey ',
  ])('is not guessed where it reads %j: the direct verifier is asked', async (info) => {
    expect(await askWith(info)).toEqual({ status: WENT_DIRECT, sent: [] })
  })
})

describeClient('a request that does not fit into a frame', (suite) => {
  const login = ['PAM_SERVICE=s', 'PAM_TYPE=auth']
  // Header, attempt, and the entries' own: 8 + 16 + 3 * 4, with a service of 1 and a type of 4.
  const longest = 4096 - 8 - 16 - 3 * 4 - 5

  test.each([
    [longest, 0],
    [longest + 1, WENT_DIRECT],
    [60_000, WENT_DIRECT],
  ])('with a name of %d bytes ends with %d', async (length, expected) => {
    const { run, serve, socket } = suite()
    const daemon = await serve(answering())
    const entries = [...login, `PAM_USER=${'x'.repeat(length)}`]
    const { status } = await run({ args: ['--socket', socket], entries })
    expect(status).toBe(expected)
    expect(daemon.requests).toHaveLength(expected === 0 ? 1 : 0)
  })

  test('is for the direct verifier whole', async () => {
    const { run, serve, socket, takeDirectCall } = suite()
    await serve(answering())
    const entries = [...login, `PAM_USER=${'x'.repeat(5000)}`]
    await run({ args: ['--socket', socket], entries, input: '123456' })
    expect(takeDirectCall()).toMatchObject({
      entries: expect.arrayContaining(entries),
      stdin: '123456',
    })
  })
})
