import type { Socket } from 'node:net'
import { AppError } from '../base/errors.ts'
import { createDeadline, type Deadline } from '../host/deadline.ts'
import { FRAME_LIMIT_BYTES, frameLength } from './frame.ts'
import { type DaemonAnswer, type DaemonRequest, decodeRequest, encodeAnswer } from './protocol.ts'

/**
 * How a connection ended. `answered`: the whole answer is on its way. `refused`: what came was no
 * request. `left`: the other side went away, or had said too little by the deadline. `late`: the verdict
 * came after it. `failed`: there is no verdict. But for the first, nothing was answered.
 */
export type ConnectionEnd = 'answered' | 'refused' | 'left' | 'late' | 'failed'

/** What a connection is served by. */
export interface ConnectionTerms {
  /** From the accept to the last byte of the answer. */
  readonly deadlineMilliseconds: number
  readonly answer: (request: DaemonRequest, deadline: Deadline) => Promise<DaemonAnswer>
  /** Called when all of an answer has left. */
  readonly onAnswered: (answer: DaemonAnswer) => void
  /** Called when a request is complete, before it is judged. */
  readonly onRequest: () => void
  /** Called where a request is refused or cannot be answered. */
  readonly onError: (error: unknown) => void
}

/**
 * Takes one request, answers it and closes; done when the verdict is known. Nothing is decided any more
 * once the other side has gone. Never rejects.
 */
export async function serveConnection(
  socket: Socket,
  terms: ConnectionTerms,
): Promise<ConnectionEnd> {
  const deadline = createDeadline(terms.deadlineMilliseconds)
  const timer = setTimeout(() => socket.destroy(), terms.deadlineMilliseconds)
  // Who has gone has asked the direct verifier by now.
  socket.on('end', () => deadline.shorten(0))
  // Somebody who has hung up is no reason to fail; `close` follows.
  socket.on('error', () => {})
  const room = Buffer.alloc(FRAME_LIMIT_BYTES)
  try {
    const frame = await readFrame(socket, room)
    if (frame === undefined) return 'left'
    const request = decodeRequest(frame)
    terms.onRequest()
    await lookOnceMore()
    if (deadline.remaining() === 0) return 'left'
    return await answerRequest(socket, request, deadline, terms)
  } catch (error) {
    terms.onError(error)
    return 'refused'
  } finally {
    clearTimeout(timer)
    socket.destroy()
    // It may hold a right code.
    room.fill(0)
  }
}

/**
 * Resolves when the kernel has been asked again what there is of each connection: a frame that waited
 * for long, while we were stopped, is read before the end that has long been behind it. The first turn
 * of the event loop is the one that brought the frame.
 */
export async function lookOnceMore(): Promise<void> {
  for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/**
 * Where the judge fails, nobody knows whether a yes was committed: whoever asked has to ask the direct
 * verifier, and must not be told anything.
 */
async function answerRequest(
  socket: Socket,
  request: DaemonRequest,
  deadline: Deadline,
  { answer, onAnswered, onError }: ConnectionTerms,
): Promise<ConnectionEnd> {
  let verdict: DaemonAnswer
  let bytes: Buffer
  try {
    verdict = await answer(request, deadline)
    bytes = encodeAnswer(verdict, request.attempt)
  } catch (error) {
    onError(error)
    return 'failed'
  }
  if (deadline.remaining() === 0) return 'late'
  if (!(await send(socket, bytes))) return 'left'
  onAnswered(verdict)
  return 'answered'
}

/**
 * The first frame, in `room`; `undefined`: the connection closed before. Rejects with ERR_REFUSED for
 * what is no frame as soon as it shows, and for anything behind it.
 */
function readFrame(socket: Socket, room: Buffer): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    let length = 0
    const take = (chunk: Buffer): void => {
      const copied = chunk.copy(room, length)
      length += copied
      const expected = frameLength(room.subarray(0, length))
      if (copied < chunk.length || length > (expected ?? length)) {
        throw new AppError('ERR_REFUSED', 'more than one frame is refused')
      }
      if (length === expected) resolve(room.subarray(0, length))
    }
    socket.on('data', (chunk: Buffer) => {
      try {
        take(chunk)
      } catch (error) {
        reject(error)
      } finally {
        chunk.fill(0)
      }
    })
    // An end within a frame: no more comes.
    socket.on('end', () => resolve(undefined))
    socket.on('close', () => resolve(undefined))
  })
}

/** Whether all of it left. */
function send(socket: Socket, bytes: Buffer): Promise<boolean> {
  return new Promise((resolve) => {
    socket.on('close', () => resolve(false))
    socket.end(bytes, () => resolve(socket.errored === null))
  })
}
