import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  closeSync,
  existsSync,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
} from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { CODE_QUESTION, encodeQuestion } from '../daemon/client-frame.ts'
import { ask, openClient } from '../daemon/client-socket.ts'
import { findFreePort } from '../support/tcp-port.ts'
import { makeDirectory } from './temporary-checkout.ts'

const PROGRAM = join(import.meta.dirname, '../../bin/otpgated')
const BUNDLE = join(import.meta.dirname, '../../dist/otpgated.cjs')
const QUESTION = encodeQuestion(CODE_QUESTION)
const FIXED = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', OPENSSL_CONF: '/dev/null' }
/** Each of these changes what Node, a shell or the dynamic linker runs. */
const HOSTILE = {
  NODE_OPTIONS: '--require=/nonexistent/evil.js',
  LD_PRELOAD: '/nonexistent/evil.so',
  OPENSSL_CONF: '/nonexistent/evil.cnf',
  ENV: '/nonexistent/evil.sh',
  BASH_ENV: '/nonexistent/evil.sh',
  IFS: '/',
  PATH: '/nonexistent',
  HOME: '/root',
}

interface Start {
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** A program until the end of the test, with the lines of its journal as they come. */
function start(file: string, { args = [], env = {} }: Start) {
  const child = spawn(file, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => end(child))
  const lines: Readonly<Record<string, unknown>>[] = []
  const complaints: string[] = []
  let rest = ''
  child.stdout.on('data', (chunk: Buffer) => {
    const pieces = `${rest}${chunk}`.split('\n')
    rest = pieces.pop() ?? ''
    lines.push(...pieces.map((piece) => JSON.parse(piece)))
  })
  child.stderr.on('data', (chunk: Buffer) => complaints.push(String(chunk)))
  const note = async (message: string | RegExp) => {
    for (;;) {
      const found = lines.find(({ msg }) => typeof msg === 'string' && msg.match(message))
      if (found !== undefined) return found
      if (child.exitCode !== null) throw new Error(`it ended: ${complaints.join('')}`)
      await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])
    }
  }
  return { child, lines, complaints, note, pid: child.pid ?? 0 }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}

/** The real daemon, which listens. */
async function startDaemon(env: Readonly<Record<string, string>> = {}) {
  const path = join(makeDirectory(), 'socket')
  const daemon = start(PROGRAM, { args: ['--socket', path], env })
  await daemon.note(/^listening on /)
  return { ...daemon, path }
}

async function stop({ child }: { readonly child: ChildProcess }, signal: NodeJS.Signals) {
  child.kill(signal)
  await once(child, 'close')
  return child.exitCode
}

function environmentOf(pid: number): Readonly<Record<string, string>> {
  const entries = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').slice(0, -1)
  return Object.fromEntries(entries.map((entry) => entry.split(/=(.*)/s).slice(0, 2)))
}

/** Sockets of TCP that the process listens on; a debugger would be one. */
function tcpListeners(pid: number): readonly string[] {
  const own = readdirSync(`/proc/${pid}/fd`).map((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`)
    } catch {
      return 'closed meanwhile'
    }
  })
  const table = ['tcp', 'tcp6'].flatMap((name) =>
    readFileSync(`/proc/${pid}/net/${name}`, 'utf8').trim().split('\n').slice(1),
  )
  return table.filter((row) => own.includes(`socket:[${row.trim().split(/\s+/)[9]}]`))
}

function isConnected(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true))
    socket.on('error', () => resolve(false))
    onTestFinished(() => {
      socket.destroy()
    })
  })
}

describe('the launcher of otpgated', () => {
  test('becomes Node itself, without a debugger and without core dumps', async () => {
    const { pid } = await startDaemon()
    expect(readlinkSync(`/proc/${pid}/exe`)).toContain('/node-linux-')
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
    expect(words[1]).toBe('--disable-sigusr1')
    expect(words[2]).toMatch(/\/dist\/otpgated\.cjs$/)
    expect(readFileSync(`/proc/${pid}/limits`, 'utf8')).toMatch(/^Max core file size +0 +0 /m)
  })

  test('lets through only what systemd tells a service', async () => {
    const told = {
      NOTIFY_SOCKET: '/nonexistent/a b',
      WATCHDOG_USEC: '60000000',
      WATCHDOG_PID: '1',
      LISTEN_PID: '1',
      LISTEN_FDS: '1',
      LISTEN_FDNAMES: 'otpgated.socket',
      JOURNAL_STREAM: '8:1234',
    }
    const { pid } = await startDaemon({ ...HOSTILE, ...told })
    expect(environmentOf(pid)).toEqual({ ...FIXED, ...told })
  })

  test('sets nothing that systemd did not', async () => {
    const { pid } = await startDaemon(HOSTILE)
    expect(environmentOf(pid)).toEqual(FIXED)
  })

  test('finds its checkout through links', () => {
    const link = join(makeDirectory(), 'otpgated')
    symlinkSync(PROGRAM, link)
    const { stdout, status } = spawnSync(link, ['--version'], { encoding: 'utf8', env: {} })
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
    expect(status).toBe(0)
  })
})

describe('otpgated', () => {
  test('answers, and leaves nothing behind when it is told to end', async () => {
    const daemon = await startDaemon()
    expect(lstatSync(daemon.path).mode & 0o777).toBe(0o600)
    expect(await ask(daemon.path, QUESTION)).toMatchObject({ attempt: CODE_QUESTION.attempt })
    expect(await stop(daemon, 'SIGTERM')).toBe(0)
    expect(daemon.lines.at(-1)).toMatchObject({ msg: 'stopped', answered: 1, open: 0 })
    expect(daemon.complaints).toEqual([])
    expect(existsSync(daemon.path)).toBe(false)
  })

  test('answers what was sent before it is told to end', async () => {
    const daemon = await startDaemon()
    const { socket, received } = await openClient(daemon.path)
    // Both are there when it goes on: the request, and the signal.
    daemon.child.kill('SIGSTOP')
    await new Promise((resolve) => socket.write(QUESTION, resolve))
    daemon.child.kill('SIGINT')
    expect(await stop(daemon, 'SIGCONT')).toBe(0)
    expect((await received).length).toBeGreaterThan(0)
    expect(daemon.lines.at(-1)).toMatchObject({ msg: 'stopped', answered: 1 })
  })

  test('takes the socket of systemd, also to a second client', async () => {
    const path = join(makeDirectory(), 'activated')
    const activator = start('/usr/bin/systemd-socket-activate', { args: ['-l', path, PROGRAM] })
    // The path is there before anybody listens on it.
    while (!activator.complaints.join('').includes('Listening on')) {
      await once(activator.child.stderr, 'data')
    }
    expect(await ask(path, QUESTION)).toBeDefined()
    expect(await activator.note(/^listening on /)).toMatchObject({
      msg: 'listening on the socket of systemd',
    })
    expect(await ask(path, QUESTION)).toBeDefined()
    expect(await stop(activator, 'SIGTERM')).toBe(0)
    expect(activator.lines.at(-1)).toMatchObject({ msg: 'stopped', answered: 2 })
    // It is systemd's, and the next daemon's.
    expect(lstatSync(path).isSocket()).toBe(true)
  })

  test('listens on no network, whoever hands over what', async () => {
    const port = await findFreePort()
    const args = ['-l', `127.0.0.1:${port}`, PROGRAM]
    const activator = start('/usr/bin/systemd-socket-activate', { args })
    while (!(await isConnected(port))) await new Promise((resolve) => setTimeout(resolve, 5))
    const note = await activator.note(/no Unix socket/)
    expect(note).toMatchObject({ level: 'err', reason: 'ERR_REFUSED' })
    if (activator.child.exitCode === null) await once(activator.child, 'close')
    expect(activator.child.exitCode).toBe(1)
  })

  test('opens no debugger on SIGUSR1, and goes on', async () => {
    const daemon = await startDaemon()
    daemon.child.kill('SIGUSR1')
    expect(await ask(daemon.path, QUESTION)).toBeDefined()
    daemon.child.kill('SIGUSR1')
    daemon.child.kill('SIGUSR2')
    expect(await daemon.note('counts')).toMatchObject({ answered: 1, open: 0 })
    expect(tcpListeners(daemon.pid)).toEqual([])
    expect(await stop(daemon, 'SIGTERM')).toBe(0)
    expect(daemon.complaints).toEqual([])
  })

  test('opens none without its launcher either, and reports on SIGUSR2 alone', async () => {
    const args = [BUNDLE, '--socket', join(makeDirectory(), 'socket')]
    const daemon = start(process.execPath, { args })
    await daemon.note(/^listening on /)
    daemon.child.kill('SIGUSR1')
    daemon.child.kill('SIGUSR2')
    await daemon.note('counts')
    expect(tcpListeners(daemon.pid)).toEqual([])
    expect(await stop(daemon, 'SIGTERM')).toBe(0)
    expect(daemon.lines.filter(({ msg }) => msg === 'counts')).toHaveLength(1)
    expect(daemon.complaints).toEqual([])
  })

  test('goes on after SIGHUP', async () => {
    const daemon = await startDaemon()
    daemon.child.kill('SIGHUP')
    expect((await daemon.note(/configuration/)).level).toMatch(/^(notice|err)$/)
    expect(await ask(daemon.path, QUESTION)).toBeDefined()
  })

  test('ends with 1 where somebody listens already, who goes on', async () => {
    const { path } = await startDaemon()
    const { status, stdout } = spawnSync(PROGRAM, ['--socket', path], { encoding: 'utf8', env: {} })
    expect(status).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({ level: 'err', reason: 'ERR_REFUSED' })
    expect(await ask(path, QUESTION)).toBeDefined()
  })

  test('tells the journal of systemd how bad it is, and what to do', () => {
    const path = join(makeDirectory(), 'journal')
    const fd = openSync(path, 'w')
    const { dev, ino } = fstatSync(fd, { bigint: true })
    const { status } = spawnSync(PROGRAM, ['--socket', `${path}.gone/socket`], {
      stdio: ['ignore', fd, 'inherit'],
      env: { JOURNAL_STREAM: `${dev}:${ino}` },
    })
    closeSync(fd)
    expect(status).toBe(1)
    expect(readFileSync(path, 'utf8')).toMatch(
      /^<3>\{"level":"err",.*start otpgated\.socket.*\}\n$/,
    )
  })

  test('goes by its own name, and shows its arguments', async () => {
    const { pid, path } = await startDaemon()
    expect(readFileSync(`/proc/${pid}/comm`, 'utf8')).toBe('otpgated\n')
    expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8')).toContain(`\0--socket\0${path}\0`)
  })

  test('takes the place of one that was killed', async () => {
    const first = await startDaemon()
    await stop(first, 'SIGKILL')
    const second = start(PROGRAM, { args: ['--socket', first.path] })
    await second.note(/^listening on /)
    expect(await ask(first.path, QUESTION)).toBeDefined()
  })

  test('ends with 2 and says how to use it where it does not understand', () => {
    const { status, stderr, stdout } = spawnSync(PROGRAM, ['--nope'], { encoding: 'utf8', env: {} })
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toMatch(/^otpgated: an argument is not understood: --nope\nusage: otpgated /)
  })

  test.each([
    ['nobody has its journal', '>&-'],
    ['its journal is full', '>/dev/full'],
  ])('answers and ends where %s', async (_case, redirection) => {
    const path = join(makeDirectory(), 'socket')
    const args = ['-c', `exec ${PROGRAM} --socket ${path} ${redirection}`]
    const daemon = start('/bin/sh', { args })
    while (!existsSync(path)) await new Promise((resolve) => setTimeout(resolve, 5))
    expect(await ask(path, QUESTION)).toBeDefined()
    expect(await stop(daemon, 'SIGTERM')).toBe(0)
  })
})
