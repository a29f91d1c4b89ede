import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  makeCheckout,
  makeDirectory,
  nodePackage,
  type Sighting,
  writeScript,
} from './temporary-checkout.ts'

const FIXED = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', OPENSSL_CONF: '/dev/null' }
/** Each of these changes what Node, a shell or the dynamic linker runs. */
const HOSTILE = {
  NODE_OPTIONS: '--require=/nonexistent/evil.js',
  NODE_EXTRA_CA_CERTS: '/nonexistent/evil.pem',
  LD_PRELOAD: '/nonexistent/evil.so',
  LD_LIBRARY_PATH: '/nonexistent',
  OPENSSL_CONF: '/nonexistent/evil.cnf',
  ENV: '/nonexistent/evil.sh',
  BASH_ENV: '/nonexistent/evil.sh',
  IFS: '/',
  PATH: '/nonexistent',
  'BASH_FUNC_ulimit%%': '() { echo evil; }',
}

interface Run {
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string
}

function start(program: string, { args = [], env = {}, input = '' }: Run = {}) {
  return spawnSync(program, args, { env, input, encoding: 'utf8', cwd: '/' })
}

/** What reached the stand-in bundle. */
function see(program: string, run: Run = {}): Sighting {
  const { stdout, stderr } = start(program, run)
  expect(stdout, stderr).toMatch(/^\{.*\}$/s)
  return JSON.parse(stdout)
}

function verifier(): string {
  return join(makeCheckout(), 'bin/otpgate-verify')
}

function cli(): string {
  return join(makeCheckout(), 'bin/otpgate')
}

describe.each(['otpgate', 'otpgate-verify'])('the launcher of %s', (name) => {
  test('starts its own bundle with the Node of the checkout', () => {
    const root = makeCheckout()
    const sighting = see(join(root, 'bin', name))
    expect(sighting.script).toBe(join(root, 'dist', `${name}.cjs`))
    expect(sighting.node).toContain(`node_modules/${nodePackage()}/bin/node`)
    expect(sighting.flags).toContain('--disable-sigusr1')
  })

  test('lets nothing hostile through, and nothing it was not told to', () => {
    const { env } = see(join(makeCheckout(), 'bin', name), { env: { ...HOSTILE, HOME: '/root' } })
    expect(env).toEqual(FIXED)
  })

  test('runs no function from the environment where sh is bash', () => {
    const program = join(makeCheckout(), 'bin', name)
    const text = readFileSync(program, 'utf8')
    expect(text).toMatch(/^#!\/bin\/sh -p\n/)
    writeFileSync(program, text.replace('/bin/sh', '/bin/bash'))
    // bash sets TERM where there is none: set here, so that both programs are asked the same.
    const { env } = see(program, { env: { ...HOSTILE, TERM: 'dumb' } })
    expect({ TERM: 'dumb', ...env }).toEqual({ TERM: 'dumb', ...FIXED })
  })

  test('passes arguments on as they are', () => {
    const args = ['--config', '/a b/*', '', '-x', '$HOME']
    expect(see(join(makeCheckout(), 'bin', name), { args }).args).toEqual(args)
  })

  test('passes stdin on', () => {
    expect(see(join(makeCheckout(), 'bin', name), { input: '123456' }).stdin).toBe('123456')
  })

  test('forbids core dumps, also where they were allowed', () => {
    const program = join(makeCheckout(), 'bin', name)
    const allowing = join(makeDirectory(), 'allow-core-dumps')
    writeScript(allowing, ['ulimit -c 4 || exit', `exec ${program}`])
    expect(see(allowing).limits).toMatch(/^Max core file size +0 +0 /m)
  })

  test('refuses where there is no Node', () => {
    const { program } = withoutNode(name)
    const { status, stdout, stderr } = start(program, { input: '123456' })
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
    expect(stderr).toContain('no Node.js of at least 22.14')
  })

  test.each([
    'v20.20.2',
    'v22.9.0',
    'v22.13.1',
    'v23.5.0',
    'nonsense',
  ])('refuses a system Node that says it is %s', (version) => {
    const { program, places } = withoutNode(name)
    for (const place of places) writeNode(place, version)
    const { status, stdout } = start(program)
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
  })

  test.each([
    'v22.14.0',
    'v22.22.1',
    'v24.0.0',
    'v26.3.0',
    'v30.0.0',
  ])('takes a system Node %s, the second place after an old one in the first', (version) => {
    const { program, places } = withoutNode(name)
    writeNode(places[0], 'v20.20.2')
    writeNode(places[1], version)
    const { stdout } = start(program, { args: ['--x'], input: '123456' })
    expect(stdout).toMatch(/^--disable-sigusr1 .*\.cjs --x\n123456$/)
  })
})

describe('the launcher of otpgate-verify', () => {
  test("hands PAM's environment to Node as it came, with both of two PAM_USER", () => {
    // A key with an equals sign is how two variables of one name get past the object.
    const env = { 'PAM_USER=mallory': '', PAM_TYPE: 'auth', PAM_USER: 'alice', NODE_OPTIONS: '-x' }
    expect(see(verifier(), { env }).pamEnvironment?.split('\0')).toEqual([
      'PAM_USER=mallory=',
      'PAM_TYPE=auth',
      'PAM_USER=alice',
      'NODE_OPTIONS=-x',
      '',
    ])
  })

  test('hands over an environment of 60,000 bytes whole', () => {
    const env = { PAM_USER: 'alice', SSH_AUTH_INFO_0: 'k'.repeat(60_000), PAM_TYPE: 'auth' }
    const { pamEnvironment } = see(verifier(), { env })
    expect(pamEnvironment).toBe(
      `PAM_USER=alice\0SSH_AUTH_INFO_0=${env.SSH_AUTH_INFO_0}\0PAM_TYPE=auth\0`,
    )
  })
})

describe('the verdict of the launcher of otpgate-verify', () => {
  test.each([
    [42, 0],
    [1, 1],
    [0, 1],
    [2, 1],
    [7, 1],
    [43, 1],
    [139, 1],
  ])('for exit status %d of the verifier is %d', (ended, verdict) => {
    const args = ['--exit', String(ended)]
    expect(start(verifier(), { args, env: { PAM_USER: 'alice' } }).status).toBe(verdict)
  })

  test('is no when the verifier is killed', () => {
    const root = makeCheckout()
    writeBundle(root, "process.kill(process.pid, 'SIGKILL')")
    expect(start(join(root, 'bin/otpgate-verify')).status).toBe(1)
  })

  test.each([
    ['is empty', () => ''],
    ['is cut off between two statements', cutOff],
    ['is cut off within a statement', (text: string) => text.slice(0, -20)],
  ])('is no when the bundle %s', (_case, damage) => {
    const root = makeCheckout()
    const bundle = join(root, 'dist/otpgate-verify.cjs')
    writeFileSync(bundle, damage(readFileSync(bundle, 'utf8')))
    const { status } = start(join(root, 'bin/otpgate-verify'), { args: ['--exit', '42'] })
    expect(status).toBe(1)
  })

  test('is no wherever the launcher itself is cut off behind its first line', () => {
    const root = makeCheckout()
    const own = join(root, 'node_modules', nodePackage())
    rmSync(own)
    mkdirSync(join(own, 'bin'), { recursive: true })
    // Ends like a bundle that is cut off.
    writeScript(join(own, 'bin/node'), ['exit 0'])
    const text = readFileSync(join(root, 'bin/otpgate-verify'), 'utf8')
    const first = '#!/bin/sh -p\n'.length
    const ends = [...text.matchAll(/\n/g)].flatMap(({ index }) => [index - 7, index, index + 1])
    const cuts = [...Array.from({ length: 40 }, (_, at) => first + 1 + at), ...ends.slice(3)]
    for (const at of cuts) {
      writeScriptText(join(root, 'bin/cut'), text.slice(0, at))
      expect({ at, isYes: start(join(root, 'bin/cut')).status === 0 }).toEqual({ at, isYes: false })
    }
  }, 60_000)

  test("is no when Node's own file is empty", () => {
    const root = makeCheckout()
    const own = join(root, 'node_modules', nodePackage())
    rmSync(own)
    mkdirSync(join(own, 'bin'), { recursive: true })
    writeFileSync(join(own, 'bin/node'), '', { mode: 0o755 })
    expect(start(join(root, 'bin/otpgate-verify')).status).toBe(1)
  })

  test.each([
    [42, 'authpriv.info', 'accepted'],
    [1, 'authpriv.info', 'accepted'],
    [0, 'authpriv.err', 'error reason=ERR_VERIFIER_FAILED status=0'],
    [7, 'authpriv.err', 'error reason=ERR_VERIFIER_FAILED status=7'],
  ])('for status %d goes to the log as %s: %s', (status, priority, line) => {
    const root = makeCheckout()
    const code = `require('node:fs').writeSync(4, 'info accepted\\n'); process.exit(${status})`
    writeBundle(root, code)
    const seen = logInto(root)
    start(join(root, 'bin/otpgate-verify'))
    expect(readFileSync(seen, 'utf8')).toMatch(new RegExp(` -p ${priority}\n${line}\n$`))
  })
})

describe('the launcher of otpgate', () => {
  test.each([0, 1, 7])('passes exit status %d on', (status) => {
    expect(start(cli(), { args: ['--exit', String(status)] }).status).toBe(status)
  })

  const kept = {
    TERM: 'xterm 256*',
    COLUMNS: '80',
    NO_COLOR: '',
    SUDO_UID: '1000',
    SUDO_USER: 'a b',
  }

  test('keeps what the terminal and the audit log need', () => {
    expect(see(cli(), { env: { ...kept, HOME: '/root' } }).env).toEqual({ ...FIXED, ...kept })
  })

  test('lets no LANG through, of which Node may die before it reads a line', () => {
    for (const LANG of ['de_CH.UTF-8', 'x'.repeat(12), 'x'.repeat(4000)]) {
      expect(see(cli(), { env: { LANG, LC_ALL: LANG } }).env).toEqual(FIXED)
    }
  })

  test('is not cut off by the limits of whoever ran sudo', () => {
    // Soft ones: not every root may raise the others, such as one in a container.
    const limiting = join(makeDirectory(), 'limit')
    const limits = ['-f 40', '-n 16', '-v 300000', '-t 100', '-d 100000', '-s 1024']
    writeScript(limiting, [...limits.map((limit) => `ulimit -S ${limit} || exit`), `exec ${cli()}`])
    const seen = see(limiting).limits
    for (const what of ['file size', 'address space', 'cpu time', 'data size']) {
      expect(seen).toMatch(new RegExp(`^Max ${what} +unlimited +unlimited `, 'm'))
    }
    expect(seen).toMatch(/^Max open files +1024 /m)
    expect(seen).toMatch(/^Max stack size +8388608 /m)
  })

  test('goes on where the limits cannot be raised', () => {
    const program = cli()
    const text = readFileSync(program, 'utf8')
    // Nobody at all may have this many, root included.
    writeFileSync(program, text.replace("'n 1024'", "'n 99999999999'"))
    expect(start(program, { args: ['--exit', '7'] })).toMatchObject({ status: 7, stderr: '' })
  })

  test('keeps only those that are set', () => {
    expect(see(cli(), { env: { TERM: 'dumb' } }).env).toEqual({ ...FIXED, TERM: 'dumb' })
  })

  test('starts nothing where stdout is closed: codes that are shown once would be lost', () => {
    const trace = join(makeDirectory(), 'trace')
    const root = makeCheckout()
    const code = `require('node:fs').writeFileSync('${trace}', '')`
    writeFileSync(join(root, 'dist/otpgate.cjs'), code)
    const run = (redirection: string) =>
      start('/bin/sh', { args: ['-c', `exec "$0" ${redirection}`, join(root, 'bin/otpgate')] })
    expect(run('>&-')).toMatchObject({
      status: 1,
      stderr: 'otpgate: the standard output is closed\n',
    })
    expect(existsSync(trace)).toBe(false)
    expect(run('>/dev/null')).toMatchObject({ status: 0, stderr: '' })
    expect(existsSync(trace)).toBe(true)
  })

  test('finds its checkout through links', () => {
    const root = makeCheckout()
    const elsewhere = makeDirectory()
    symlinkSync(join(root, 'bin/otpgate'), join(elsewhere, 'first'))
    symlinkSync('first', join(elsewhere, 'second'))
    const sighting = see(join(elsewhere, 'second'), { args: ['list'] })
    expect(sighting.script).toBe(join(root, 'dist/otpgate.cjs'))
    expect(sighting.args).toEqual(['list'])
  })
})

/** A checkout without Node, whose launcher looks for the system's in `places`. */
function withoutNode(name: string) {
  const root = makeCheckout()
  const program = join(root, 'bin', name)
  const places = [join(root, 'system/first'), join(root, 'system/second')] as const
  const text = readFileSync(program, 'utf8')
  expect(text).toContain('in /usr/bin/node /usr/local/bin/node ')
  writeFileSync(program, text.replace('/usr/bin/node /usr/local/bin/node', places.join(' ')))
  rmSync(join(root, 'node_modules', nodePackage()))
  mkdirSync(join(root, 'system'))
  return { program, places }
}

function writeScriptText(path: string, text: string): void {
  writeFileSync(path, text, { mode: 0o755 })
}

function writeBundle(root: string, code: string): void {
  writeFileSync(join(root, 'dist/otpgate-verify.cjs'), code)
}

/** A bundle without its last statement: the verdict. */
function cutOff(bundle: string): string {
  const at = bundle.lastIndexOf('process.exitCode')
  expect(at).toBeGreaterThan(0)
  return bundle.slice(0, at)
}

/** Has the launcher log into a file: the arguments for logger(1), then its stdin. */
function logInto(root: string): string {
  const program = join(root, 'bin/otpgate-verify')
  const logger = join(root, 'logger')
  const seen = join(root, 'log')
  const text = readFileSync(program, 'utf8')
  const replaced = text
    .replace('[ -S /dev/log ]', '[ -d / ]')
    .replace('/usr/bin/timeout -s KILL 0.3 /usr/bin/logger', logger)
  expect(replaced).toContain(`/usr/bin/env -i ${logger} -t otpgate-verify`)
  writeFileSync(program, replaced)
  writeScript(logger, [`echo "$@" >${seen}`, `/bin/cat >>${seen}`])
  return seen
}

/** Says its version when asked, else what it was started with. */
function writeNode(path: string, version: string): void {
  const answer = `if [ "$1" = --version ]; then echo ${version}; exit; fi`
  writeScript(path, [answer, 'echo "$@"', 'cat', 'exit 5'])
}
