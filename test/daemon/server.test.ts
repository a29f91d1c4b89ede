import { once } from 'node:events'
import { createConnection } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ASK_DIRECT, type DaemonRequest } from '../../src/daemon/protocol.ts'
import { createLoginServer, type ServerOptions } from '../../src/daemon/server.ts'
import type { Deadline } from '../../src/host/deadline.ts'
import { requireTool } from '../support/run-tool.ts'
import { useScratchDirectory } from '../support/scratch-directory.ts'
import { ATTEMPT, CODE_QUESTION, encodeQuestion } from './client-frame.ts'
import { ask, type ClientSocket, openClient } from './client-socket.ts'

const scratch = useScratchDirectory()
const QUESTION = encodeQuestion(CODE_QUESTION)
const NO_SERVER_WAIT_MS = 60_000

const YES = { verdict: 'admitted', log: [], say: [] } as const

/** A server that says yes, with what it heard, until the end of the test. */
async function start(options: Partial<ServerOptions> = {}) {
  const path = scratch('socket')
  const errors: unknown[] = []
  const users: string[] = []
  const answer = async (request: DaemonRequest) => {
    users.push(request.user)
    return YES
  }
  const server = createLoginServer({
    answer,
    onAnswered: () => {},
    onError: (error) => errors.push(error),
    deadlineMilliseconds: NO_SERVER_WAIT_MS,
    graceMilliseconds: 20,
    ...options,
  })
  server.listener.listen({ path, backlog: 1024 })
  await once(server.listener, 'listening')
  onTestFinished(() => server.drain())
  return { server, path, errors, users }
}

async function openMany(count: number, path: string): Promise<readonly ClientSocket[]> {
  return await Promise.all(Array.from({ length: count }, () => openClient(path)))
}

/** Arguments of a Node that asks at `path`, and is gone with its first byte unread. */
function leave(path: string): readonly string[] {
  const script = `
    const socket = require('node:net').connect(process.argv[1])
    socket.write(Buffer.from(process.argv[2], 'hex'), () => process.exit())
  `
  return ['--eval', script, path, QUESTION.toString('hex')]
}

/** Resolves when `isDone`; the test's own limit ends it otherwise. */
async function until(isDone: () => boolean): Promise<void> {
  while (!isDone()) await new Promise((resolve) => setImmediate(resolve))
}

/** A promise that is kept when the test says so. */
function gate() {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open: () => open() }
}

describe('the server', () => {
  test('answers a request with its attempt, and closes', async () => {
    const { server, path, users } = await start()
    expect(await ask(path, QUESTION)).toEqual({ verdict: 'Y', attempt: ATTEMPT, entries: [] })
    expect(users).toEqual(['alice'])
    expect(server.counts()).toMatchObject({ answered: 1, refused: 0, left: 0 })
  })

  test('answers a request that comes byte by byte', async () => {
    const { path } = await start()
    const { socket, received } = await openClient(path)
    socket.setNoDelay()
    for (const byte of QUESTION) {
      socket.write(Buffer.of(byte))
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect((await received).toString('latin1', 5, 6)).toBe('Y')
  })

  test('decides nothing any more for a client that has gone', async () => {
    const { opened, open } = gate()
    let seen: Deadline | undefined
    const { server, path } = await start({
      answer: async (_request, deadline) => {
        seen = deadline
        await opened
        deadline.assertOpen()
        return YES
      },
    })
    const { socket, received } = await openClient(path)
    socket.write(QUESTION)
    await until(() => seen !== undefined)
    socket.end()
    await until(() => seen?.remaining() === 0)
    open()
    expect((await received).length).toBe(0)
    await until(() => server.counts().failed === 1)
  })

  test('asks no judge for clients that came and went while it was held up', async () => {
    const { server, path, users } = await start()
    // Nothing else runs here until they have gone; nothing but the kernel has seen them.
    for (let client = 0; client < 3; client += 1) requireTool(process.execPath, leave(path))
    await until(() => server.counts().left === 3)
    expect(users).toEqual([])
    expect(await ask(path, QUESTION)).toMatchObject({ verdict: 'Y' })
  })

  test('hands the judge the deadline of the connection', async () => {
    let seen: Deadline | undefined
    const { path } = await start({
      deadlineMilliseconds: 5000,
      answer: async (_request, deadline) => {
        seen = deadline
        return ASK_DIRECT
      },
    })
    expect(await ask(path, QUESTION)).toMatchObject({ verdict: 'D' })
    expect(seen?.remaining()).toBeGreaterThan(0)
    expect(seen?.remaining()).toBeLessThanOrEqual(5000)
  })

  test('wipes the answer when it is judged', async () => {
    const typed: Buffer[] = []
    const { path, server } = await start({
      answer: async ({ answer }) => {
        expect(answer.toString()).toBe('123456')
        typed.push(answer)
        return YES
      },
    })
    await ask(path, QUESTION)
    await until(() => server.counts().open === 0)
    expect(typed).toEqual([Buffer.alloc(6)])
  })

  test('says nothing where the judge fails: a yes may have been committed', async () => {
    const { server, path, errors } = await start({
      answer: async () => {
        throw new Error('disk full')
      },
    })
    expect(await ask(path, QUESTION)).toBeUndefined()
    expect(errors).toMatchObject([{ message: 'disk full' }])
    expect(server.counts()).toMatchObject({ failed: 1, answered: 0 })
  })

  test('says nothing where the judge throws before it promises anything', async () => {
    const { server, path } = await start({
      answer: () => {
        throw new TypeError('broken')
      },
    })
    expect(await ask(path, QUESTION)).toBeUndefined()
    expect(server.counts()).toMatchObject({ failed: 1 })
  })

  test('says nothing where an answer fits into no frame', async () => {
    const record = { priority: 'info', outcome: 'x'.repeat(1000), fields: {} } as const
    const log = [record, record, record, record, record]
    const { server, path } = await start({ answer: async () => ({ ...YES, log }) })
    expect(await ask(path, QUESTION)).toBeUndefined()
    expect(server.counts()).toMatchObject({ failed: 1 })
  })

  test('closes at the deadline, and never answers after it', async () => {
    const { opened, open } = gate()
    const { server, path } = await start({
      // The judge is asked before it, also where something takes its time.
      deadlineMilliseconds: 200,
      answer: async () => {
        await opened
        return YES
      },
    })
    expect(await ask(path, QUESTION)).toBeUndefined()
    expect(server.counts()).toMatchObject({ open: 1 })
    open()
    await until(() => server.counts().open === 0)
    expect(server.counts()).toMatchObject({ late: 1, answered: 0 })
  })

  test.each([
    ['silence', Buffer.alloc(0)],
    ['half a head', QUESTION.subarray(0, 4)],
    ['half a frame', QUESTION.subarray(0, -1)],
  ])('closes at the deadline where there is only %s', async (_case, bytes) => {
    const { server, path, users } = await start({ deadlineMilliseconds: 50 })
    expect(await ask(path, bytes)).toBeUndefined()
    await until(() => server.counts().open === 0)
    expect(server.counts()).toMatchObject({ left: 1 })
    expect(users).toEqual([])
  })

  test('forgets a client that leaves in the middle of its frame', async () => {
    const { server, path } = await start()
    const { socket } = await openClient(path)
    socket.end(QUESTION.subarray(0, 30))
    await until(() => server.counts().left === 1)
    const other = await openClient(path)
    other.socket.destroy()
    await until(() => server.counts().left === 2)
    expect(server.counts()).toMatchObject({ open: 0 })
  })

  test('outlives a client that leaves while it is judged', async () => {
    const { opened, open } = gate()
    const { server, path } = await start({
      answer: async () => {
        await opened
        return YES
      },
    })
    const { socket } = await openClient(path)
    socket.write(QUESTION)
    await until(() => server.counts().open === 1)
    socket.destroy()
    open()
    await until(() => server.counts().open === 0)
    await expect(ask(path, QUESTION)).resolves.toMatchObject({ verdict: 'Y' })
  })

  test.each([
    ['garbage of 1 MiB', Buffer.alloc(1_048_576, 0x5a)],
    ['1 MiB after the beginning of a frame', Buffer.concat([QUESTION, Buffer.alloc(1_048_576)])],
    ['one byte behind the frame', Buffer.concat([QUESTION, Buffer.of(0)])],
    ['a frame that is no request', encodeQuestion({ ...CODE_QUESTION, mode: 9 })],
  ])('closes at once for %s', async (_case, bytes) => {
    const { server, path, errors, users } = await start()
    const socket = createConnection(path)
    socket.on('error', () => {})
    socket.write(bytes)
    await new Promise((resolve) => socket.on('close', resolve))
    await until(() => server.counts().open === 0)
    expect(server.counts()).toMatchObject({ refused: 1 })
    expect(errors).toMatchObject([{ code: 'ERR_REFUSED' }])
    expect(users).toEqual([])
  })

  test('answers within a second beside 500 silent clients and 100 with half a frame', async () => {
    const { server, path } = await start()
    const idle = await openMany(600, path)
    for (const { socket } of idle.slice(500)) socket.write(QUESTION.subarray(0, 20))
    await until(() => server.counts().open === 600)
    const before = process.hrtime.bigint()
    expect(await ask(path, QUESTION)).toMatchObject({ verdict: 'Y' })
    expect(Number(process.hrtime.bigint() - before) / 1e6).toBeLessThan(1000)
    for (const { socket } of idle) socket.destroy()
  })

  test('closes connections above its limit at once, and takes new ones when there is room', async () => {
    const { server, path } = await start({ connectionsAtMost: 3 })
    const idle = await openMany(3, path)
    await until(() => server.counts().open === 3)
    expect((await (await openClient(path)).received).length).toBe(0)
    expect(server.counts()).toMatchObject({ turnedAway: 1, open: 3 })
    for (const { socket } of idle) socket.destroy()
    await until(() => server.counts().open === 0)
    expect(await ask(path, QUESTION)).toMatchObject({ verdict: 'Y' })
  })

  test('gives 256 at once an answer each', async () => {
    const { path, users } = await start()
    const asked = Array.from({ length: 256 }, (_, index) => {
      const attempt = index.toString(16).padStart(32, '0')
      return ask(path, encodeQuestion({ ...CODE_QUESTION, attempt, user: `user${index}` }))
    })
    const answers = await Promise.all(asked)
    expect(new Set(answers.map((answer) => answer?.attempt)).size).toBe(256)
    expect(answers.every((answer) => answer?.verdict === 'Y')).toBe(true)
    expect(new Set(users).size).toBe(256)
  })
})

describe('a server that drains', () => {
  test('answers what was asked, takes nothing new, and is done then', async () => {
    const { opened, open } = gate()
    let isAsked = false
    const { server, path } = await start({
      answer: async () => {
        isAsked = true
        await opened
        return YES
      },
    })
    const asked = ask(path, QUESTION)
    await until(() => isAsked)
    let isDone = false
    const drained = server.drain().then(() => {
      isDone = true
    })
    await expect(openClient(path)).rejects.toMatchObject({ code: 'ENOENT' })
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(isDone).toBe(false)
    open()
    expect(await asked).toMatchObject({ verdict: 'Y' })
    await drained
    expect(server.counts()).toMatchObject({ answered: 1, open: 0 })
  })

  test('answers a request that was sent and not yet read', async () => {
    const { server, path } = await start()
    const { socket, received } = await openClient(path)
    await until(() => server.counts().open === 1)
    socket.write(QUESTION)
    await server.drain()
    expect((await received).toString('latin1', 5, 6)).toBe('Y')
  })

  test('answers a request that was sent before it was held up for longer than the grace', async () => {
    const { server, path } = await start()
    const { socket, received } = await openClient(path)
    await until(() => server.counts().open === 1)
    socket.write(QUESTION)
    const drained = server.drain()
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60)
    await drained
    expect((await received).toString('latin1', 5, 6)).toBe('Y')
  })

  test('does not wait for clients that say nothing', async () => {
    const { server, path } = await start()
    const idle = await openMany(3, path)
    await until(() => server.counts().open === 3)
    await server.drain()
    for (const { received } of idle) expect((await received).length).toBe(0)
    expect(server.counts()).toMatchObject({ left: 3, open: 0 })
  })
})
