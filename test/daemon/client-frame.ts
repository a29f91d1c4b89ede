import type { FirstFactor } from '../../src/domain/first-factor.ts'

/** What the static client reads before it asks. Texts may be bytes that are no text. */
export interface ClientQuestion {
  readonly mode?: number
  readonly attempt?: string
  readonly configPath?: Value
  readonly group?: Value
  readonly user?: Value
  readonly service?: Value
  readonly type?: Value
  readonly tty?: Value
  readonly remoteHost?: Value
  readonly sshConnection?: Value
  readonly firstFactor?: Partial<FirstFactor> | undefined
  readonly answer?: Value
}

type Value = string | Buffer | undefined

/** Numbers that no frame of the client has, for tests of what is refused. */
export interface Distortion {
  readonly version?: number
  /** In place of the length that is right. */
  readonly length?: number
}

export const ATTEMPT = '00112233445566778899aabbccddeeff'

/** A code of alice after her key, by the line that names nothing else. */
export const CODE_QUESTION = {
  mode: 1,
  attempt: ATTEMPT,
  user: 'alice',
  service: 'sshd',
  type: 'auth',
  answer: '123456',
} as const satisfies ClientQuestion

/** The bytes of a request, written from the description of the protocol and not with src/daemon. */
export function encodeQuestion(question: ClientQuestion, distortion: Distortion = {}): Buffer {
  const { method, keyType, fingerprint } = question.firstFactor ?? {}
  const values: readonly Value[] = [
    question.configPath,
    question.group,
    question.user,
    question.service,
    question.type,
    question.tty,
    question.remoteHost,
    question.sshConnection,
    method,
    keyType,
    fingerprint,
    question.answer,
  ]
  const entries = values.map((value, index) =>
    value === undefined ? Buffer.alloc(0) : encodeEntry(index + 1, value),
  )
  return encodeRaw(question.mode ?? 1, question.attempt ?? ATTEMPT, entries, distortion)
}

/** A frame of any entries in any order. */
export function encodeRaw(
  what: number,
  attempt: string,
  entries: readonly Buffer[],
  { version = 1, length }: Distortion = {},
): Buffer {
  const rest = Buffer.concat([Buffer.from(attempt, 'hex'), ...entries])
  const said = length ?? rest.length
  const head = Buffer.of(0x4f, 0x54, 0x50, 0x47, version, what, said >> 8, said & 0xff)
  return Buffer.concat([head, rest])
}

/** tag | length | bytes. */
export function encodeEntry(tag: number, value: string | Buffer): Buffer {
  const bytes = Buffer.from(value)
  return Buffer.concat([Buffer.of(tag, bytes.length >> 8, bytes.length & 0xff), bytes])
}

/** An answer as the client reads it. */
export interface ClientAnswer {
  /** `Y`, `N` or `D`. */
  readonly verdict: string
  readonly attempt: string
  readonly entries: readonly { readonly tag: number; readonly text: string }[]
}

/** Throws where the bytes are not exactly one frame. */
export function decodeAnswer(bytes: Buffer): ClientAnswer {
  if (bytes.toString('latin1', 0, 5) !== 'OTPG\x01') throw new Error('no frame')
  if (bytes.length > 4096 || bytes.length !== 8 + bytes.readUInt16BE(6)) throw new Error('length')
  const entries = []
  for (let at = 24; at < bytes.length; ) {
    const end = at + 3 + bytes.readUInt16BE(at + 1)
    if (end > bytes.length) throw new Error('an entry is cut off')
    entries.push({ tag: bytes.readUInt8(at), text: bytes.toString('latin1', at + 3, end) })
    at = end
  }
  return {
    verdict: bytes.toString('latin1', 5, 6),
    attempt: bytes.toString('hex', 8, 24),
    entries,
  }
}
