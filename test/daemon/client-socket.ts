import { connect, type Socket } from 'node:net'
import { type ClientAnswer, decodeAnswer } from './client-frame.ts'

/** A connection to a daemon, of a client that does only what it is told. */
export interface ClientSocket {
  readonly socket: Socket
  /** What came until the other side closed. */
  readonly received: Promise<Buffer>
}

/** Resolves when the kernel has connected us, which says nothing about the daemon. */
export function openClient(path: string): Promise<ClientSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path, allowHalfOpen: true })
    const chunks: Buffer[] = []
    const received = new Promise<Buffer>((finish) => {
      socket.on('data', (chunk: Buffer) => chunks.push(chunk))
      socket.on('end', () => socket.destroy())
      socket.on('close', () => finish(Buffer.concat(chunks)))
    })
    socket.on('error', reject)
    socket.on('connect', () => resolve({ socket, received }))
  })
}

/** Writes these bytes; what comes back. `undefined`: nothing did. */
export async function ask(path: string, bytes: Buffer): Promise<ClientAnswer | undefined> {
  const { socket, received } = await openClient(path)
  socket.write(bytes)
  const answer = await received
  return answer.length === 0 ? undefined : decodeAnswer(answer)
}
