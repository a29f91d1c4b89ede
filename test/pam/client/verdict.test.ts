import type { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { runWithin } from '../../support/run-within.ts'
import { WENT_DIRECT } from './client-bench.ts'
import { describeClient } from './describe-client.ts'
import { answering, type Behaviour, type Request, renderAnswer, textEntry } from './fake-daemon.ts'

/** Time for the daemon, behind a code and behind all else, and some for a machine that is busy. */
const PATIENCE_MS = 2000
const PATIENCE_WITHOUT_CODE_MS = 1000
const BUSY_MS = 1500

describeClient('the verdict of the daemon', (suite) => {
  async function loginWith(behaviour: Behaviour, words: readonly string[] = []) {
    const { run, serve, socket } = suite()
    await serve(behaviour)
    return await run({ args: ['--socket', socket, ...words], input: '123456' })
  }

  test.each([
    ['Y', 0],
    ['N', 1],
    ['D', WENT_DIRECT],
  ])('%s ends with %d', async (verdict, expected) => {
    expect((await loginWith(answering({ verdict }))).status).toBe(expected)
  })

  test('comes with what the person is to read, and the log lines are not for them', async () => {
    const entries = [textEntry(6, 'accepted user=alice'), textEntry(64, 'Recovery code used.')]
    const { status, stdout } = await loginWith(answering({ entries }))
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'Recovery code used.\n' })
  })

  test('may come a byte at a time, as long as it comes in time', async () => {
    const { status } = await loginWith((peer, { attempt }) => {
      peer.setNoDelay(true)
      for (const byte of renderAnswer({ attempt })) peer.write(Buffer.of(byte))
      peer.end()
    })
    expect(status).toBe(0)
  })

  test('may be as long as a frame, and its lines as long as they are allowed', async () => {
    expect((await loginWith(answering({ entries: longEntries(4096) }))).status).toBe(0)
  })

  test('may hold eight lines', async () => {
    expect((await loginWith(answering({ entries: lines(8) }))).status).toBe(0)
  })

  test('may hold 200 bytes for the person', async () => {
    const text = ' ~'.repeat(100)
    const { status, stdout } = await loginWith(answering({ entries: [textEntry(64, text)] }))
    expect({ status, stdout }).toEqual({ status: 0, stdout: `${text}\n` })
  })
})

function lines(count: number) {
  return Array.from({ length: count }, () => textEntry(6, 'x'))
}

function longEntries(bytes: number) {
  const filling = Array.from({ length: 4 }, () => textEntry(6, 'x'.repeat(1000)))
  return [...filling, textEntry(64, '~'.repeat(bytes - 24 - 4 * 1003 - 3))]
}

const exactly = (change: (frame: Buffer) => Buffer): Behaviour => {
  return (peer, { attempt }) => peer.end(change(renderAnswer({ attempt })))
}
const flip = (at: number) =>
  exactly((frame) => {
    frame.writeUInt8(frame.readUInt8(at) ^ 1, at)
    return frame
  })
const withEntry = (tag: number, text: string, verdict = 'Y') =>
  answering({ verdict, entries: [textEntry(tag, text)] })

const LIES: readonly (readonly [string, Behaviour])[] = [
  ['the attempt of another login', (peer) => peer.end(renderAnswer({ attempt: Buffer.alloc(16) }))],
  ['an attempt that is wrong in its last bit', flip(23)],
  ['version 0', answering({ version: 0 })],
  ['version 2', answering({ version: 2 })],
  ['another beginning', answering({ magic: 'OTPH' })],
  ['the verdict y', answering({ verdict: 'y' })],
  ['the verdict NUL', answering({ verdict: '\0' })],
  ['the verdict X', flip(5)],
  ['a yes without its last byte', exactly((frame) => frame.subarray(0, -1))],
  ['a yes with a byte too many', exactly((frame) => Buffer.concat([frame, Buffer.of(0)]))],
  ['a yes twice', exactly((frame) => Buffer.concat([frame, frame]))],
  [
    'a no and a yes',
    (peer, { attempt }) => {
      peer.end(Buffer.concat([renderAnswer({ attempt, verdict: 'N' }), renderAnswer({ attempt })]))
    },
  ],
  ['a yes without an attempt', (peer) => peer.end(renderAnswer({ attempt: Buffer.alloc(0) }))],
  ['a length that is too small', answering({ length: 15 })],
  ['a length of zero', answering({ length: 0 })],
  ['a length that is too large', answering({ length: 17 })],
  ['the largest length', answering({ length: 0xffff })],
  [
    'the request itself',
    (peer, { attempt, what }) => {
      peer.end(renderAnswer({ attempt, verdict: String.fromCharCode(what) }))
    },
  ],
  ['one letter', (peer) => peer.end('Y')],
  ['words', (peer) => peer.end('HTTP/1.1 200 OK\r\n\r\n')],
  ['a frame of 4097 bytes', answering({ entries: longEntries(4097) })],
  ['nine lines', answering({ entries: lines(9) })],
  ['a tag between log and person', withEntry(8, 'x')],
  ['a tag after the person', withEntry(65, 'x')],
  ['the tag of a request', withEntry(12, '123456')],
  ['a log line of 1001 bytes', withEntry(6, 'x'.repeat(1001))],
  ['a line of 201 bytes for the person', withEntry(64, 'x'.repeat(201))],
  ['a line break for the person', withEntry(64, 'a\nb')],
  ['an escape sequence for the person', withEntry(64, '\x1b[2J')],
  ['a NUL for the person', withEntry(64, 'a\0')],
  ['bytes above ASCII in the log', withEntry(6, '\xe9')],
  ['a line with the advice to ask the direct verifier', withEntry(64, 'x', 'D')],
  [
    'half a header of an entry',
    (peer, { attempt }) => {
      peer.end(renderAnswer({ attempt: Buffer.concat([attempt, Buffer.of(6, 0)]) }))
    },
  ],
  [
    'an entry that does not end',
    (peer, { attempt }) => {
      peer.end(renderAnswer({ attempt: Buffer.concat([attempt, Buffer.of(6, 0, 2, 0x78)]) }))
    },
  ],
  ['nothing', (peer) => peer.end()],
  ['a reset', (peer) => peer.destroy()],
]

describeClient('what is not exactly a verdict', (suite) => {
  test.each(
    LIES,
  )('such as %s sends the client the direct way, at once', async (_lie, behaviour) => {
    const { run, serve, socket, takeDirectCall } = suite()
    await serve(behaviour)
    const end = await runWithin(PATIENCE_MS, () =>
      run({ args: ['--socket', socket], input: '123456' }),
    )
    expect({ status: end.status, stdout: end.stdout }).toEqual({ status: WENT_DIRECT, stdout: '' })
    expect(end.milliseconds).toBeLessThan(PATIENCE_MS)
    expect(takeDirectCall()?.stdin).toBe('123456')
  })
})

describeClient('a daemon that takes its time', (suite) => {
  const drip = (peer: Socket, { attempt }: Request) => {
    const bytes = [...renderAnswer({ attempt })]
    const timer = setInterval(() => {
      const byte = bytes.shift()
      if (byte === undefined) peer.end()
      else peer.write(Buffer.of(byte))
    }, 100)
    peer.on('close', () => clearInterval(timer))
  }
  const leaveOpen: Behaviour = (peer, { attempt }) => peer.write(renderAnswer({ attempt }))

  test.each<readonly [string, Behaviour]>([
    ['is silent', () => undefined],
    ['sends a byte every 100 ms', drip],
    ['says yes and does not close', leaveOpen],
  ])('and %s is waited for 2 s in all', async (_case, behaviour) => {
    const { run, serve, socket, takeDirectCall } = suite()
    await serve(behaviour)
    const end = await runWithin(PATIENCE_MS + BUSY_MS, () =>
      run({ args: ['--socket', socket], input: '123456' }),
    )
    expect(end.status).toBe(WENT_DIRECT)
    expect(end.milliseconds).toBeGreaterThan(PATIENCE_MS - 10)
    expect(end.milliseconds).toBeLessThan(PATIENCE_MS + BUSY_MS)
    const { args = [] } = takeDirectCall() ?? {}
    const left = Number(args.at(-1))
    expect(left).toBeLessThanOrEqual(18_000)
    expect(left).toBeGreaterThan(18_000 - BUSY_MS)
  })

  test.each([
    [['--excused']],
    [['--account']],
    [['--outside-group', 'staff']],
  ])('is waited for 1 s by %j, which has no code', async (words) => {
    const { run, serve, socket } = suite()
    await serve(() => undefined)
    const end = await runWithin(PATIENCE_MS, () => run({ args: ['--socket', socket, ...words] }))
    expect(end.status).toBe(WENT_DIRECT)
    expect(end.milliseconds).toBeGreaterThan(PATIENCE_WITHOUT_CODE_MS - 10)
    expect(end.milliseconds).toBeLessThan(PATIENCE_MS)
  })

  test('holds up the three lines of a login for less than 5 s in all', async () => {
    const { run, serve, socket } = suite()
    await serve(() => undefined)
    const logIn = async () => {
      let milliseconds = 0
      for (const words of [['--excused'], [], ['--account']]) {
        const end = await run({ args: ['--socket', socket, ...words], input: '123456' })
        expect(end.status).toBe(WENT_DIRECT)
        milliseconds += end.milliseconds
      }
      return { milliseconds }
    }
    expect((await runWithin(5000, logIn)).milliseconds).toBeLessThan(5000)
  })
})
