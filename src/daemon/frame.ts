import { AppError } from '../base/errors.ts'
import { type AttemptId, parseAttemptId } from '../domain/attempt.ts'

/** Longest frame either way, its head included. */
export const FRAME_LIMIT_BYTES = 4096

/** What every frame begins with: the name and the version of the protocol. */
const OPENING = 'OTPG\x01'
const HEAD_BYTES = 8
const WHAT_OFFSET = 5
const LENGTH_OFFSET = 6
const ATTEMPT_BYTES = 16
const ENTRY_HEAD_BYTES = 3

/** One value of a frame. */
export interface Entry {
  /** 0 to 255. */
  readonly tag: number
  readonly bytes: Buffer
}

/**
 * What goes over the socket, in either direction:
 * "OTPG" 0x01 | what (1) | length of the rest (2) | attempt (16) | entries; and an entry is
 * tag (1) | length (2) | bytes. Numbers are big-endian.
 */
export interface Frame {
  /** A mode in a request, a verdict in an answer; 0 to 255. */
  readonly what: number
  readonly attempt: AttemptId
  readonly entries: readonly Entry[]
}

/**
 * How long the frame is that begins like this, in bytes; `undefined`: too early to say. Throws
 * ERR_REFUSED as soon as it cannot become a frame.
 */
export function frameLength(begun: Buffer): number | undefined {
  if (!OPENING.startsWith(begun.toString('latin1', 0, OPENING.length))) {
    throw refused('a frame that is none of this version')
  }
  if (begun.length < HEAD_BYTES) return undefined
  const length = HEAD_BYTES + begun.readUInt16BE(LENGTH_OFFSET)
  if (length > FRAME_LIMIT_BYTES) throw refused(`a frame of more than ${FRAME_LIMIT_BYTES} bytes`)
  if (length < HEAD_BYTES + ATTEMPT_BYTES) throw refused('a frame without an attempt')
  return length
}

/**
 * Takes a frame apart; the entries are views into `bytes`. Throws ERR_REFUSED unless it is exactly one
 * frame.
 */
export function decodeFrame(bytes: Buffer): Frame {
  if (frameLength(bytes) !== bytes.length) throw refused('a frame of another length than it says')
  const end = HEAD_BYTES + ATTEMPT_BYTES
  const attempt = parseAttemptId(bytes.toString('hex', HEAD_BYTES, end))
  if (attempt === undefined) throw refused('a frame without an attempt')
  return { what: bytes.readUInt8(WHAT_OFFSET), attempt, entries: splitEntries(bytes.subarray(end)) }
}

/** Puts a frame together. Throws ERR_REFUSED where it would be too long. */
export function encodeFrame({ what, attempt, entries }: Frame): Buffer {
  const rest = Buffer.concat([Buffer.from(attempt, 'hex'), ...entries.flatMap(encodeEntry)])
  const length = HEAD_BYTES + rest.length
  if (length > FRAME_LIMIT_BYTES) throw refused(`a frame of more than ${FRAME_LIMIT_BYTES} bytes`)
  const head = Buffer.alloc(HEAD_BYTES)
  head.write(OPENING, 'latin1')
  head.writeUInt8(what, WHAT_OFFSET)
  head.writeUInt16BE(rest.length, LENGTH_OFFSET)
  return Buffer.concat([head, rest])
}

function splitEntries(bytes: Buffer): readonly Entry[] {
  const entries: Entry[] = []
  for (let at = 0; at < bytes.length; ) {
    const start = at + ENTRY_HEAD_BYTES
    if (start > bytes.length) throw refused('a frame that ends within an entry')
    const end = start + bytes.readUInt16BE(at + 1)
    if (end > bytes.length) throw refused('a frame that ends within an entry')
    entries.push({ tag: bytes.readUInt8(at), bytes: bytes.subarray(start, end) })
    at = end
  }
  return entries
}

function encodeEntry({ tag, bytes }: Entry): readonly Buffer[] {
  if (bytes.length > FRAME_LIMIT_BYTES) throw refused('an entry that is longer than a frame')
  const head = Buffer.alloc(ENTRY_HEAD_BYTES)
  head.writeUInt8(tag)
  head.writeUInt16BE(bytes.length, 1)
  return [head, bytes]
}

function refused(what: string): AppError {
  return new AppError('ERR_REFUSED', `${what} is refused`)
}
