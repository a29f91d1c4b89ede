import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import { writeScript } from '../../bin/temporary-checkout.ts'
import { useScratchDirectory } from '../../support/scratch-directory.ts'
import { SSHD_ENTRIES, WENT_DIRECT } from './client-bench.ts'
import { describeClient } from './describe-client.ts'
import { answering, textEntry } from './fake-daemon.ts'

const scratch = useScratchDirectory()

/** Prints each message on a line of its own, in hex. Node has no datagram sockets of this kind. */
const SYSLOG = `
import socket, sys
path, kind = sys.argv[1:]
server = socket.socket(socket.AF_UNIX, getattr(socket, kind))
server.bind(path)
if kind == 'SOCK_STREAM': server.listen(8)
print('ready', flush=True)
while True:
    if kind == 'SOCK_DGRAM': message = server.recv(65536)
    else:
        peer = server.accept()[0]
        message = b''.join(iter(lambda: peer.recv(65536), b''))
    print(message.hex(), flush=True)
`

/** Prints `full` once the log takes nothing more from anybody. */
const FILLER = `
import socket, sys
path, kind = sys.argv[1:]
senders = []
try:
    while True:
        sender = socket.socket(socket.AF_UNIX, getattr(socket, kind))
        sender.setblocking(False)
        sender.connect(path)
        senders.append(sender)
        if kind == 'SOCK_DGRAM': sender.send(b'x')
except BlockingIOError:
    print('full', flush=True)
    sys.stdin.read()
`

async function fill(kind: 'SOCK_DGRAM' | 'SOCK_STREAM'): Promise<void> {
  const child = spawn('/usr/bin/python3', ['-c', FILLER, scratch('log'), kind], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child.stdout, 'data')
}

async function startSyslog(kind: 'SOCK_DGRAM' | 'SOCK_STREAM') {
  const child = spawn('/usr/bin/python3', ['-c', SYSLOG, scratch('log'), kind], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  await once(child.stdout, 'data')
  const read = () =>
    text
      .split('\n')
      .slice(1, -1)
      .map((hex) => Buffer.from(hex, 'hex').toString())
  return {
    /** Reads no more. */
    stop: () => child.kill('SIGSTOP'),
    /** The messages, once there are that many. */
    messages: async (count: number) => {
      await expect.poll(() => read().length, { timeout: 5000 }).toBe(count)
      return read()
    },
  }
}

/** Starts what follows where /dev/log is ours, seen by nobody else. */
function inPrivateDev(): string {
  mkdirSync(scratch('dev'), { recursive: true })
  writeScript(scratch('inside'), [
    'set -e',
    'PATH=/usr/sbin:/usr/bin:/sbin:/bin',
    `mount -t tmpfs tmpfs ${scratch('dev')}`,
    `: >${scratch('dev/null')}`,
    `mount --bind /dev/null ${scratch('dev/null')}`,
    `ln -s ${scratch('log')} ${scratch('dev/log')}`,
    `mount --rbind ${scratch('dev')} /dev`,
    'unset PATH PWD OLDPWD',
    'exec "$@"',
  ])
  return scratch('inside')
}

describeClient(
  'the authpriv log',
  (suite) => {
    function run(words: readonly string[], entries: readonly string[] = SSHD_ENTRIES) {
      const { socket, run } = suite()
      const namespace = ['/usr/bin/unshare', '--mount', '--propagation', 'private', inPrivateDev()]
      return run({ namespace, args: ['--socket', socket, ...words], entries })
    }

    test.each([
      ['SOCK_DGRAM', ''],
      ['SOCK_STREAM', '\0'],
    ] as const)('is written to by %s with what the daemon sent', async (kind, end) => {
      const log = await startSyslog(kind)
      const lines = [textEntry(5, 'denied user=alice'), textEntry(0, 'x'.repeat(1000))]
      await suite().serve(answering({ verdict: 'N', entries: lines }))
      expect((await run([])).status).toBe(1)
      const messages = await log.messages(2)
      expect(messages[0]).toMatch(/^<85>otpgate-verify\[\d+\]: denied user=alice/)
      expect(messages[0]?.endsWith(`alice${end}`)).toBe(true)
      expect(messages[1]).toMatch(/^<80>otpgate-verify\[\d+\]: x{1000}/)
    })

    test.each([
      ['daemon-closed', (peer) => peer.end()],
      ['daemon-garbled', (peer) => peer.end('garbage')],
      ['daemon-garbled', answering({ verdict: 'D', entries: [textEntry(6, 'x')] })],
      ['daemon-timeout', () => undefined],
    ] satisfies [
      string,
      Parameters<ReturnType<typeof suite>['serve']>[0],
    ][])('has one warning about a daemon that gives no verdict: %s', async (reason, behaviour) => {
      const log = await startSyslog('SOCK_DGRAM')
      await suite().serve(behaviour)
      expect((await run([])).status).toBe(WENT_DIRECT)
      expect((await log.messages(1))[0]).toMatch(
        new RegExp(`^<84>otpgate-verify\\[\\d+\\]: fallback reason=${reason}$`),
      )
    })

    test('has a warning about what is no socket', async () => {
      const log = await startSyslog('SOCK_DGRAM')
      writeFileSync(suite().socket, '')
      await run([])
      const [first] = await log.messages(1)
      expect(first).toMatch(/fallback reason=daemon-untrusted$/)
    })

    test('has none where there is no daemon, or it sends us on as it should', async () => {
      const log = await startSyslog('SOCK_DGRAM')
      expect((await run([])).status).toBe(WENT_DIRECT)
      expect((await run(['--password-and-code'])).status).toBe(WENT_DIRECT)
      await suite().serve(answering({ verdict: 'D' }))
      expect((await run([])).status).toBe(WENT_DIRECT)
      expect((await run([], [])).status).toBe(1)
      const messages = await log.messages(1)
      expect(messages[0]).toContain('error reason=ERR_PAM_ENVIRONMENT')
    })

    test('has the error of an environment in which a variable occurs twice', async () => {
      const log = await startSyslog('SOCK_DGRAM')
      await run([], [...SSHD_ENTRIES, 'PAM_USER=mallory'])
      expect((await log.messages(1))[0]).toMatch(
        /^<83>otpgate-verify\[\d+\]: error reason=ERR_PAM_ENVIRONMENT what="a variable occurs/,
      )
    })

    test.each([
      'SOCK_DGRAM',
      'SOCK_STREAM',
    ] as const)('that is full holds up no login: %s', async (kind) => {
      const log = await startSyslog(kind)
      log.stop()
      await fill(kind)
      await suite().serve(answering({ entries: [textEntry(6, 'accepted user=alice')] }))
      expect(await run([])).toMatchObject({ status: 0 })
    })
  },
  ['unshare', '/usr/bin/python3'],
)
