import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createServiceNotifier, findWatchdogInterval } from '../../src/host/sd-notify.ts'
import { useScratchDirectory } from '../support/scratch-directory.ts'

const scratch = useScratchDirectory()

/** What systemd does: takes datagrams, and lets go of the descriptor that comes with BARRIER=1. */
const MANAGER = `
import json, socket, sys
server = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
server.bind(sys.argv[1])
print(json.dumps('listening'), flush=True)
while True:
    message = server.recv(65536).decode()
    if 'BARRIER=1' not in message:
        print(json.dumps(message), flush=True)
`

/** Plays systemd; `read` gives the next message. */
async function startManager() {
  const path = scratch('notify')
  const child = spawn('/usr/bin/python3', ['-c', MANAGER, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(async () => {
    child.kill('SIGKILL')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  })
  const messages: string[] = []
  let rest = ''
  child.stdout.on('data', (chunk: Buffer) => {
    const lines = `${rest}${chunk}`.split('\n')
    rest = lines.pop() ?? ''
    messages.push(...lines.map((line): string => JSON.parse(line)))
  })
  const read = async (): Promise<string> => {
    for (;;) {
      const message = messages.shift()
      if (message !== undefined) return message
      await once(child.stdout, 'data')
    }
  }
  expect(await read()).toBe('listening')
  return { path, read, messages }
}

describe('the notifier', () => {
  test('tells systemd everything in the order of the calls', async () => {
    const { path, read } = await startManager()
    const notifier = createServiceNotifier({ NOTIFY_SOCKET: path })
    notifier.ready('listening')
    notifier.reloading()
    notifier.ready('new configuration')
    notifier.stopping('answering the last logins')
    await notifier.settled()
    expect(await read()).toBe('READY=1\nSTATUS=listening')
    expect(await read()).toBe('RELOADING=1')
    expect(await read()).toBe('READY=1\nSTATUS=new configuration')
    expect(await read()).toBe('STOPPING=1\nSTATUS=answering the last logins')
  })

  test('lets no status become another message', async () => {
    const { path, read } = await startManager()
    const notifier = createServiceNotifier({ NOTIFY_SOCKET: path })
    notifier.ready('a\nMAINPID=1')
    expect(await read()).toBe('READY=1\nSTATUS=a\\x0aMAINPID=1')
    await notifier.settled()
  })

  test('tells the watchdog, and piles nothing up while systemd does not listen', async () => {
    const { path, read, messages } = await startManager()
    const notifier = createServiceNotifier({ NOTIFY_SOCKET: path })
    for (let tick = 0; tick < 20; tick++) notifier.alive('3 answered')
    await notifier.settled()
    expect(await read()).toBe('WATCHDOG=1\nSTATUS=3 answered')
    notifier.alive('4 answered')
    await notifier.settled()
    expect(await read()).toBe('WATCHDOG=1\nSTATUS=4 answered')
    expect(messages).toEqual([])
  })

  test('runs nothing where nobody wants to know', async () => {
    const errors: unknown[] = []
    for (const NOTIFY_SOCKET of [undefined, '']) {
      const options = { program: '/nonexistent', onError: (error: unknown) => errors.push(error) }
      const notifier = createServiceNotifier({ NOTIFY_SOCKET }, options)
      notifier.ready('listening')
      await notifier.settled()
    }
    expect(errors).toEqual([])
  })

  test.each([
    ['there is no systemd-notify', '/nonexistent'],
    ['nobody has the socket', '/usr/bin/systemd-notify'],
  ])('goes on where %s', async (_case, program) => {
    const errors: unknown[] = []
    const notifier = createServiceNotifier(
      { NOTIFY_SOCKET: scratch('nobody') },
      { program, onError: (error) => errors.push(error) },
    )
    notifier.ready('listening')
    notifier.stopping('over')
    await notifier.settled()
    expect(errors).toHaveLength(2)
  })
})

describe('the interval of the watchdog', () => {
  test.each([
    [{ WATCHDOG_USEC: '30000000' }, 15_000],
    [{ WATCHDOG_USEC: '30000000', WATCHDOG_PID: '42' }, 15_000],
    [{ WATCHDOG_USEC: '1' }, 1],
    [{ WATCHDOG_USEC: '30000000', WATCHDOG_PID: '43' }, undefined],
    [{}, undefined],
    [{ WATCHDOG_USEC: '' }, undefined],
    [{ WATCHDOG_USEC: '0' }, undefined],
    [{ WATCHDOG_USEC: '-5' }, undefined],
    [{ WATCHDOG_USEC: '5s' }, undefined],
  ])('of %j is %s for process 42', (environment, expected) => {
    expect(findWatchdogInterval(environment, 42)).toBe(expected)
  })
})
