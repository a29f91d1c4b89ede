import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { AppError } from '../../src/base/errors.ts'
import { findListenPlace, openListenSocket } from '../../src/host/listen-socket.ts'
import { errorCodeOf } from '../support/error-code.ts'
import { useScratchDirectory } from '../support/scratch-directory.ts'

const scratch = useScratchDirectory()

function makeServer(greeting = ''): Server {
  const server = createServer((socket) => socket.on('error', () => {}).end(greeting))
  onTestFinished(() => {
    server.close()
  })
  return server
}

async function listen(path: string, server = makeServer()) {
  const socket = await openListenSocket(server, { kind: 'path', path })
  return { server, socket }
}

async function failureOf(path: string): Promise<AppError> {
  try {
    await listen(path)
  } catch (error) {
    if (error instanceof AppError) return error
    throw error
  }
  throw new Error('it listens')
}

/** What whoever listens there says. */
async function hear(path: string): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of connect(path)) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

/** Leaves a socket behind, as a killed daemon does. */
async function leaveStale(path: string): Promise<void> {
  const code = `require('net').createServer().listen(process.argv[1], () => console.log())`
  const child = spawn(process.execPath, ['-e', code, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(lstatSync(path).isSocket()).toBe(true)
}

describe('a socket of our own', () => {
  test('is there for the owner alone, with nothing beside it, and gone at the end', async () => {
    const path = scratch('socket')
    const before = process.umask(0)
    const { socket, server } = await listen(path, makeServer('here'))
    expect(process.umask(before)).toBe(0)
    expect(lstatSync(path).mode & 0o777).toBe(0o600)
    expect(readdirSync(scratch())).toEqual(['socket'])
    expect(await hear(path)).toBe('here')
    socket.release()
    server.close()
    expect(readdirSync(scratch())).toEqual([])
  })

  test.each(['socket', 'socket.new'])('takes the place of a killed one at %s', async (name) => {
    await leaveStale(scratch(name))
    await listen(scratch('socket'), makeServer('here'))
    expect(await hear(scratch('socket'))).toBe('here')
    expect(readdirSync(scratch())).toEqual(['socket'])
  })

  test('is not made while somebody listens there, who goes on', async () => {
    const path = scratch('socket')
    await listen(path, makeServer('first'))
    expect(await failureOf(path)).toMatchObject({ code: 'ERR_REFUSED' })
    expect(await hear(path)).toBe('first')
    expect(readdirSync(scratch())).toEqual(['socket'])
  })

  test('is one only, also where two are made at once', async () => {
    const path = scratch('socket')
    await leaveStale(path)
    const both = await Promise.allSettled([
      listen(path, makeServer('here')),
      listen(path, makeServer('here')),
    ])
    expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await hear(path)).toBe('here')
  })

  test.each([
    ['a file', (path: string) => writeFileSync(path, 'precious')],
    ['a directory', (path: string) => mkdirSync(path)],
    ['a link that leads nowhere', (path: string) => symlinkSync('nowhere', path)],
  ])('takes the place of %s under no name of it', async (_case, make) => {
    for (const name of ['socket', 'socket.new']) {
      const path = scratch(name)
      make(path)
      const before = lstatSync(path)
      expect((await failureOf(scratch('socket'))).message).toContain('no socket')
      expect(lstatSync(path).ino).toBe(before.ino)
      renameSync(path, scratch(`old-${name}`))
    }
  })

  test('takes the place of no link to a socket', async () => {
    await leaveStale(scratch('elsewhere'))
    symlinkSync('elsewhere', scratch('socket'))
    expect((await failureOf(scratch('socket'))).message).toContain('no socket')
  })

  test.each([0o770, 0o707, 0o1777])('is not made in a directory of mode %o', async (mode) => {
    const directory = scratch('open')
    mkdirSync(directory)
    chmodSync(directory, mode)
    expect((await failureOf(`${directory}/socket`)).message).toContain('writable by group or world')
    expect(readdirSync(directory)).toEqual([])
  })

  test('is not made in a directory that is not there', async () => {
    expect(await failureOf(scratch('gone/socket'))).toMatchObject({
      message: expect.stringMatching(/ is not there$/),
      hint: expect.stringContaining('start otpgated.socket'),
    })
  })

  test('is not made where the path is longer than a socket can have', async () => {
    expect((await failureOf(scratch('x'.repeat(100)))).code).toBe('ERR_REFUSED')
  })

  test('that has been replaced is left to whoever did it', async () => {
    const path = scratch('socket')
    const first = await listen(path)
    await listen(scratch('other'), makeServer('second'))
    renameSync(scratch('other'), path)
    first.socket.release()
    first.server.close()
    expect(await hear(path)).toBe('second')
  })

  test('that is gone already is no reason to fail', async () => {
    const path = scratch('socket')
    const { socket } = await listen(path)
    renameSync(path, scratch('moved'))
    socket.release()
    expect(existsSync(scratch('moved'))).toBe(true)
  })
})

describe('the place to listen', () => {
  test.each([
    ['nothing', {}],
    ['another process', { LISTEN_PID: '41', LISTEN_FDS: '1' }],
    ['a process without a socket', { LISTEN_PID: '42' }],
  ])('is the path where systemd speaks to %s', (_case, environment) => {
    const place = { kind: 'path', path: '/s' }
    expect(findListenPlace(environment, 42, '/s')).toEqual(place)
  })

  test('is the first descriptor where systemd hands one over', () => {
    const place = findListenPlace({ LISTEN_PID: '42', LISTEN_FDS: '1' }, 42, '/s')
    expect(place).toEqual({ kind: 'inherited', fd: 3 })
  })

  test.each(['0', '2', '', 'x', '01'])('is none where systemd hands over "%s"', (LISTEN_FDS) => {
    const find = () => findListenPlace({ LISTEN_PID: '42', LISTEN_FDS }, 42, '/s')
    expect(errorCodeOf(find)).toBe('ERR_REFUSED')
  })
})
