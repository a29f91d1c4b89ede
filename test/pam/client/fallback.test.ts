import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { DEFAULT_PROMPT } from '../../../src/domain/message.ts'
import { runWithin } from '../../support/run-within.ts'
import { openClientBench, SSHD_ENTRIES, WENT_DIRECT } from './client-bench.ts'
import { describeClient } from './describe-client.ts'
import { answering } from './fake-daemon.ts'

const CODE = '739184'
/** strace takes its time to start where others are busy. */
const POLL = { interval: 20, timeout: 10_000 } as const

describeClient('the direct way', (suite) => {
  test('is gone with the same arguments, the attempt and the time left', async () => {
    const { run, serve, socket, takeDirectCall } = suite()
    const daemon = await serve(answering({ verdict: 'D' }))
    const args = ['--socket', socket, '--config', '/etc/a b.toml']
    expect((await run({ args, input: CODE })).status).toBe(WENT_DIRECT)
    const call = takeDirectCall()
    const attempt = daemon.requests[0]?.attempt.toString('hex')
    expect(call?.args.slice(0, -1)).toEqual([...args, '--attempt', attempt, '--time-left'])
    expect(call?.args.at(-1)).toMatch(/^1[89]\d{3}$/)
  })

  test('is gone with what PAM and sshd said, as it came, and nothing else', async () => {
    const { run, takeDirectCall } = suite()
    const ours = ['SSH_AUTH_INFO_0=publickey t Zm9v\npassword\n', 'PAM_RUSER=', 'PAM_USER=zoë\n=']
    const rest = SSHD_ENTRIES.filter((entry) => !/^(PAM_USER|SSH_AUTH)/.test(entry))
    const others = [
      'PATH=/evil',
      'LD_PRELOAD=/evil.so',
      'PAM_OF_TOMORROW=1',
      'NODE_OPTIONS=-x',
      'L',
    ]
    await run({ entries: [...others, ...ours, ...rest] })
    const bytes = (entries: readonly string[]) =>
      entries.map((entry) => Buffer.from(entry).toString('latin1')).toSorted()
    expect(takeDirectCall()?.entries.toSorted()).toEqual(bytes([...ours, ...rest]))
  })

  test.each([
    ['a code', CODE],
    ['nothing', ''],
    ['bytes that are no text', '\0\xff\n'],
    ['as much as pam_exec hands over', 'x'.repeat(511)],
    ['512 bytes', 'x'.repeat(512)],
  ])('is gone with %s on stdin once more', async (_case, typed) => {
    const { run, takeDirectCall } = suite()
    await run({ input: Buffer.from(typed, 'latin1') })
    expect(takeDirectCall()?.stdin).toBe(typed)
  })

  test.each([
    [['--password-and-code']],
    [['--excused', '--account']],
    [['--unknown']],
    [['--config', 'relative']],
    [['--config']],
    [['--outside-group']],
    [['--outside-group', '-x']],
    [['--outside-group', '']],
    [['--socket', 'relative']],
    [['']],
  ])('is gone by %j without a word to the daemon, with stdin unread', async (words) => {
    const { run, serve, socket, takeDirectCall } = suite()
    const daemon = await serve(answering())
    const args = ['--socket', socket, ...words]
    expect((await run({ args, input: 'secret 123456' })).status).toBe(WENT_DIRECT)
    expect(daemon.requests).toEqual([])
    expect(takeDirectCall()).toMatchObject({ stdin: 'secret 123456' })
  })

  test('is closed to more arguments than anybody writes', async () => {
    const { run, takeDirectCall } = suite()
    expect((await run({ args: Array.from({ length: 25 }, () => '--x') })).status).toBe(1)
    expect(takeDirectCall()).toBeUndefined()
  })

  test('is closed where the answer cannot be handed on', async () => {
    const { run, takeDirectCall } = suite()
    const wrapper = ['/usr/bin/prlimit', '--nofile=3:3']
    expect((await run({ wrapper, input: CODE })).status).toBe(1)
    expect(takeDirectCall()).toBeUndefined()
    const roomy = await run({ wrapper: ['/usr/bin/prlimit', '--nofile=64:64'], input: CODE })
    expect(roomy.status).toBe(WENT_DIRECT)
  })

  test('forbids core dumps', async () => {
    const { run, takeDirectCall } = suite()
    await run()
    expect(takeDirectCall()?.limits).toMatch(/^Max core file size +0 +0 /m)
  })

  test('is gone within 2 s where nobody takes the connection', async () => {
    const { run, socket } = suite()
    await listenWithoutAccepting(socket)
    const { status, milliseconds } = await runWithin(3500, () =>
      run({ args: ['--socket', socket] }),
    )
    expect(status).toBe(WENT_DIRECT)
    expect(milliseconds).toBeGreaterThan(1990)
    expect(milliseconds).toBeLessThan(3500)
  })

  test('is gone at once where the socket is left over from a daemon that was killed', async () => {
    const { run, socket } = suite()
    const listen =
      'require("node:net").createServer().listen(process.argv[1], () => console.log(1))'
    const child = spawn(process.execPath, ['-e', listen, socket], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(child.stdout, 'data')
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(existsSync(socket)).toBe(true)
    const { status, milliseconds } = await runWithin(1000, () =>
      run({ args: ['--socket', socket] }),
    )
    expect(status).toBe(WENT_DIRECT)
    expect(milliseconds).toBeLessThan(1000)
  })

  test.each([
    '0',
    '1',
    '2',
    '01',
    '02',
    '12',
    '012',
  ])('is the same with %s closed', async (closed) => {
    const { run, serve, socket } = suite()
    const args = ['--socket', socket]
    expect((await run({ args, closed })).status).toBe(WENT_DIRECT)
    const daemon = await serve(answering({ entries: [] }))
    expect((await run({ args, closed })).status).toBe(0)
    expect(daemon.requests[0]?.entries.at(-1)).toEqual({ tag: 12, bytes: Buffer.alloc(0) })
  })
})

describeClient('a client without a direct verifier', (suite) => {
  function alone() {
    const bench = openClientBench()
    onTestFinished(() => bench.close())
    bench.removeDirect()
    return bench
  }

  test('waits 5 s for the daemon, then says no', async () => {
    const { serve, socket } = suite()
    await serve(() => undefined)
    const { run } = alone()
    const end = await runWithin(6500, () => run({ args: ['--socket', socket, '--excused'] }))
    expect({ status: end.status, stdout: end.stdout }).toEqual({
      status: 1,
      stdout: `${DEFAULT_PROMPT}\n`,
    })
    expect(end.milliseconds).toBeGreaterThan(4990)
    expect(end.milliseconds).toBeLessThan(6500)
  })

  test('takes a yes, and says no to all else', async () => {
    const { serve, socket } = suite()
    const bench = alone()
    const daemon = await serve(answering())
    expect((await bench.run({ args: ['--socket', socket] })).status).toBe(0)
    expect((await bench.run({ args: ['--socket', socket, '--password-and-code'] })).status).toBe(1)
    await daemon.close()
    expect((await bench.run({ args: ['--socket', socket] })).status).toBe(1)
  })

  test.each([
    ['is not executable', 0o644, '#!/bin/sh\nexit 0\n'],
    ['is damaged', 0o755, '\x7fELF'],
    ['is cut off behind its first line', 0o755, '#!/bin/sh -p\n'],
    ['is cut off within its first line', 0o755, '#!/bin/sh'],
  ])('says no where that %s', async (_case, mode, text) => {
    const bench = alone()
    const direct = join(bench.directory, 'otpgate-verify-direct')
    writeFileSync(direct, text)
    chmodSync(direct, mode)
    expect((await bench.run({ args: ['--socket', '/nonexistent/x'] })).status).toBe(1)
  })
})

describeClient(
  'the answer',
  (suite) => {
    test('is wiped from all of the memory before the end', async () => {
      const { serve, socket } = suite()
      // The same look at the client while the daemon has the answer shows that it can be found.
      let isThereBefore = false
      await serve((peer, request) => {
        isThereBefore = findInMemory(clientPid(suite().client), CODE)
        answering()(peer, request)
      })
      const { wasThere, status } = await lookAtEnd(socket)
      expect({ isThereBefore, wasThere, status }).toEqual({
        isThereBefore: true,
        wasThere: false,
        status: 0,
      })
    })

    /** Stops the client on its way into exit_group, and searches it. */
    async function lookAtEnd(socket: string) {
      const delayed = ['-qqq', '-e', 'inject=exit_group:delay_enter=1500000', '-o', '/dev/null']
      const run = suite().run({
        wrapper: ['/usr/bin/strace', ...delayed],
        args: ['--socket', socket],
        input: CODE,
      })
      await expect.poll(() => isEnding(suite().client), POLL).toBe(true)
      const wasThere = findInMemory(clientPid(suite().client), CODE)
      return { wasThere, status: (await run).status }
    }
  },
  ['strace'],
)

function clientPid(client: string): number {
  const pid = readdirSync('/proc').find((name) => /^\d+$/.test(name) && isClient(name, client))
  if (pid === undefined) throw new Error('the client does not run')
  return Number(pid)
}

function isClient(pid: string, client: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith(`${client}\0`)
  } catch {
    return false
  }
}

/** proc(5), syscall: the number of the call a stopped process is in. */
function isEnding(client: string): boolean {
  const exitGroup = { x64: '231', arm64: '94' }[process.arch === 'arm64' ? 'arm64' : 'x64']
  try {
    return readFileSync(`/proc/${clientPid(client)}/syscall`, 'utf8').startsWith(`${exitGroup} `)
  } catch {
    return false
  }
}

function findInMemory(pid: number, text: string): boolean {
  const areas = readFileSync(`/proc/${pid}/maps`, 'utf8').trim().split('\n')
  const fd = openSync(`/proc/${pid}/mem`, 'r')
  try {
    return areas
      .filter((area) => / rw/.test(area))
      .some((area) => {
        const [first = '0', last = '0'] = area.split(' ')[0]?.split('-') ?? []
        const start = Number.parseInt(first, 16)
        const bytes = Buffer.alloc(Number.parseInt(last, 16) - start)
        readSync(fd, bytes, 0, bytes.length, start)
        return bytes.includes(text)
      })
  } finally {
    closeSync(fd)
  }
}

/** A socket with room for nobody, and somebody waiting in it. Node would take them all. */
async function listenWithoutAccepting(socket: string): Promise<void> {
  const script = `
import socket, sys
server = socket.socket(socket.AF_UNIX)
server.bind(sys.argv[1])
server.listen(0)
waiting = socket.socket(socket.AF_UNIX)
waiting.connect(sys.argv[1])
print('full', flush=True)
sys.stdin.read()`
  const child = spawn('/usr/bin/python3', ['-c', script, socket], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child.stdout, 'data')
}
