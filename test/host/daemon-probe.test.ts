import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createLoginJudge } from '../../src/daemon/login-judge.ts'
import type { DaemonAnswer, DaemonRequest } from '../../src/daemon/protocol.ts'
import { createLoginServer } from '../../src/daemon/server.ts'
import { probeDaemon } from '../../src/host/daemon-probe.ts'
import { useScratchDirectory } from '../support/scratch-directory.ts'

const scratch = useScratchDirectory()
const CONFIG = '/etc/otpgate/otpgate.toml'

/** A daemon whose judge fails the test where it comes to judge anything. */
async function startDaemon() {
  const seen: { readonly request: DaemonRequest; readonly answer: DaemonAnswer }[] = []
  const errors: unknown[] = []
  const unwanted = (): never => {
    throw new Error('a question that decides nothing was judged')
  }
  const judge = createLoginJudge(
    { configPath: CONFIG, defaultConfigPath: CONFIG },
    {
      loadConfig: unwanted,
      ports: { borrow: unwanted, close: () => {} },
      openAccounts: unwanted,
      lookAhead: unwanted,
      now: unwanted,
    },
  )
  const server = createLoginServer({
    answer: async (request, deadline) => {
      const answer = await judge.answer(request, deadline)
      seen.push({ request, answer })
      return answer
    },
    onAnswered: () => {},
    onError: (error) => errors.push(error),
  })
  const path = scratch('socket')
  server.listener.listen(path)
  await once(server.listener, 'listening')
  onTestFinished(() => server.drain())
  return { path, seen, errors }
}

/** Somebody else, who does this with each connection. */
async function startOther(serve: (socket: Socket) => void) {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    serve(socket)
  })
  const path = scratch('other')
  server.listen(path)
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return path
}

describe('asking whether there is a daemon', () => {
  test('gets an answer of a real one, which judges nothing and has nothing to log', async () => {
    const { path, seen, errors } = await startDaemon()
    expect(await probeDaemon(path)).toBe('answers')
    expect(seen).toMatchObject([
      { request: { mode: 'account', user: 'nobody' }, answer: { verdict: 'ask-direct', log: [] } },
    ])
    expect(errors).toEqual([])
  })

  test('finds none where there is no socket', async () => {
    expect(await probeDaemon(scratch('socket'))).toBe('absent')
    writeFileSync(scratch('file'), '')
    expect(await probeDaemon(scratch('file', 'socket'))).toBe('absent')
  })

  test('finds a silent one where nobody listens, or what is there is no socket', async () => {
    writeFileSync(scratch('file'), '')
    mkdirSync(scratch('directory'))
    expect(await probeDaemon(scratch('file'))).toBe('silent')
    expect(await probeDaemon(scratch('directory'))).toBe('silent')
  })

  test('waits for a silent one no longer than it is told to', async () => {
    expect(await probeDaemon(await startOther(() => {}), 20)).toBe('silent')
  })

  test.each([
    ['hangs up', (socket: Socket) => void socket.end()],
    ['repeats the question', (socket: Socket) => void socket.pipe(socket)],
    ['never ends', (socket: Socket) => void socket.write('x'.repeat(100_000))],
  ])('does not take somebody for it who %s', async (_, serve) => {
    expect(await probeDaemon(await startOther(serve), 1000)).toBe('silent')
  })
})
