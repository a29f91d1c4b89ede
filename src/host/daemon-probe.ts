import { connect } from 'node:net'
import { errnoOf } from './errno.ts'
import { randomBytes } from './randomness.ts'

/** Where otpgated listens, unless it is told otherwise. */
export const DAEMON_SOCKET = '/run/otpgate/otpgated.sock'

/**
 * `answers`: somebody who speaks our protocol; whether it can judge, its own status says. `silent`:
 * there is a socket, and no proper answer in time. `absent`: there is none, so nobody waits for it.
 */
export type DaemonState = 'answers' | 'silent' | 'absent'

/** As long as the static client waits. */
const PATIENCE_MILLISECONDS = 2000
const OPENING = Buffer.from('OTPG\x01', 'latin1')
const ATTEMPT_BYTES = 16
const LENGTH_BYTES = 2
const ENTRY_HEAD_BYTES = 3
/** `account`: the mode that takes nothing typed. */
const MODE = 0x03
const ASK_DIRECT = 0x44
const ABSENT: readonly string[] = ['ENOENT', 'ENOTDIR']

/**
 * What no daemon judges, since its configuration is another: it says so, decides nothing and writes
 * nothing down. The tags are those of daemon/protocol.ts: configuration, user, service, type.
 */
const QUESTION = [
  { tag: 1, text: '/dev/null' },
  { tag: 3, text: 'nobody' },
  { tag: 4, text: 'otpgate' },
  { tag: 5, text: 'account' },
] as const

/** Asks whoever listens at `path`, as a login would. Never rejects. */
export async function probeDaemon(
  path: string,
  patienceMilliseconds = PATIENCE_MILLISECONDS,
): Promise<DaemonState> {
  const attempt = randomBytes(ATTEMPT_BYTES)
  const heard = await ask(path, encodeQuestion(attempt), patienceMilliseconds)
  if (heard === undefined) return 'absent'
  return heard.equals(encodeFrame(ASK_DIRECT, attempt)) ? 'answers' : 'silent'
}

/** All that came back; `undefined`: nothing has that name. */
function ask(path: string, question: Buffer, patience: number): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    let heard = Buffer.alloc(0)
    let isAbsent = false
    const socket = connect({ path, allowHalfOpen: true })
    const timer = setTimeout(() => socket.destroy(), patience)
    socket.on('connect', () => socket.write(question))
    socket.on('data', (chunk: Buffer) => {
      heard = Buffer.concat([heard, chunk])
      // The answer is shorter: whoever goes on talking is somebody else.
      if (heard.length > question.length) socket.destroy()
    })
    socket.on('end', () => socket.destroy())
    socket.on('error', (error) => {
      isAbsent = ABSENT.includes(errnoOf(error) ?? '')
    })
    socket.on('close', () => {
      clearTimeout(timer)
      resolve(isAbsent ? undefined : heard)
    })
  })
}

function encodeQuestion(attempt: Buffer): Buffer {
  const entries = QUESTION.map(({ tag, text }) => {
    const head = Buffer.alloc(ENTRY_HEAD_BYTES)
    head.writeUInt8(tag)
    head.writeUInt16BE(text.length, 1)
    return Buffer.concat([head, Buffer.from(text, 'latin1')])
  })
  return encodeFrame(MODE, attempt, ...entries)
}

/** The frame of daemon/frame.ts. */
function encodeFrame(what: number, ...rest: readonly Buffer[]): Buffer {
  const length = Buffer.alloc(LENGTH_BYTES)
  length.writeUInt16BE(rest.reduce((sum, part) => sum + part.length, 0))
  return Buffer.concat([OPENING, Buffer.of(what), length, ...rest])
}
