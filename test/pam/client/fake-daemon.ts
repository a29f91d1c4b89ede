import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'

export const HEADER_BYTES = 8
const ATTEMPT_BYTES = 16
const VERSION = 1

export interface Entry {
  readonly tag: number
  readonly bytes: Buffer
}

/** A request as it came. */
export interface Request {
  readonly what: number
  readonly attempt: Buffer
  readonly entries: readonly Entry[]
}

export interface Answer {
  readonly magic?: string
  readonly version?: number
  /** One character. */
  readonly verdict?: string
  readonly attempt: Buffer
  readonly entries?: readonly Entry[]
  /** In place of the true length of the rest. */
  readonly length?: number
}

/** What a daemon does with a peer and its request. */
export type Behaviour = (peer: Socket, request: Request) => void

export interface FakeDaemon {
  readonly requests: readonly Request[]
  close(): Promise<void>
}

/** A server that reads one request a connection, and behaves. */
export async function startFakeDaemon(path: string, behave: Behaviour): Promise<FakeDaemon> {
  const requests: Request[] = []
  const peers = new Set<Socket>()
  const server = createServer((peer) => {
    const chunks: Buffer[] = []
    let isRead = false
    peers.add(peer)
    peer.on('close', () => peers.delete(peer))
    peer.on('error', () => {
      // The client has heard enough.
    })
    peer.on('data', (chunk) => {
      chunks.push(chunk)
      const bytes = Buffer.concat(chunks)
      if (isRead || !isWhole(bytes)) return
      isRead = true
      const request = parseRequest(bytes)
      requests.push(request)
      behave(peer, request)
    })
  })
  await listen(server, path)
  return {
    requests,
    close: async () => {
      for (const peer of peers) peer.destroy()
      server.close()
      if (server.listening) await once(server, 'close')
    },
  }
}

/** The frame of an answer, right unless told otherwise. */
export function renderAnswer(answer: Answer): Buffer {
  const { magic = 'OTPG', version = VERSION, verdict = 'Y', attempt, entries = [] } = answer
  const rest = Buffer.concat([attempt, ...entries.map(renderEntry)])
  const header = Buffer.alloc(HEADER_BYTES)
  header.write(magic, 'latin1')
  header.writeUInt8(version, 4)
  header.write(verdict, 5, 'latin1')
  header.writeUInt16BE(answer.length ?? rest.length, 6)
  return Buffer.concat([header, rest])
}

/** Gives the answer, and closes. */
export function answering(answer: Omit<Answer, 'attempt'> = {}): Behaviour {
  return (peer, { attempt }) => peer.end(renderAnswer({ ...answer, attempt }))
}

/** A text as an entry. */
export function textEntry(tag: number, text: string): Entry {
  return { tag, bytes: Buffer.from(text, 'latin1') }
}

async function listen(server: Server, path: string): Promise<void> {
  server.listen(path)
  await once(server, 'listening')
}

function renderEntry({ tag, bytes }: Entry): Buffer {
  const header = Buffer.alloc(3)
  header.writeUInt8(tag)
  header.writeUInt16BE(bytes.length, 1)
  return Buffer.concat([header, bytes])
}

function isWhole(bytes: Buffer): boolean {
  return bytes.length >= HEADER_BYTES && bytes.length >= HEADER_BYTES + bytes.readUInt16BE(6)
}

/** Throws unless it is a frame of this version, to its last byte. */
function parseRequest(bytes: Buffer): Request {
  const isFrame = bytes.toString('latin1', 0, 4) === 'OTPG' && bytes.readUInt8(4) === VERSION
  if (!isFrame || bytes.length > 4096) throw new Error(`no frame: ${bytes.toString('hex')}`)
  if (bytes.length !== HEADER_BYTES + bytes.readUInt16BE(6)) throw new Error('a wrong length')
  const start = HEADER_BYTES + ATTEMPT_BYTES
  return {
    what: bytes.readUInt8(5),
    attempt: bytes.subarray(HEADER_BYTES, start),
    entries: parseEntries(bytes.subarray(start)),
  }
}

function parseEntries(bytes: Buffer): readonly Entry[] {
  const entries: Entry[] = []
  for (let at = 0; at < bytes.length; ) {
    const end = at + 3 + bytes.readUInt16BE(at + 1)
    if (end > bytes.length) throw new Error('an entry that does not end')
    entries.push({ tag: bytes.readUInt8(at), bytes: bytes.subarray(at + 3, end) })
    at = end
  }
  return entries
}
