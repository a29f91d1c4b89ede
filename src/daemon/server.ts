import { createServer, type Server, type Socket } from 'node:net'
import {
  type ConnectionEnd,
  type ConnectionTerms,
  lookOnceMore,
  serveConnection,
} from './connection.ts'

/** As long as the static client waits before it asks the direct verifier. */
const DEADLINE_MILLISECONDS = 2000
/** Each holds a descriptor, and a limit of 1024 of them has to leave some for all else. */
const CONNECTIONS_AT_MOST = 800
/** A client writes at once: whoever has said nothing for this long when we end, has nothing to say. */
const GRACE_MILLISECONDS = 100

/** What a server answers with, and what it is limited to. */
export interface ServerOptions extends Pick<ConnectionTerms, 'answer' | 'onAnswered' | 'onError'> {
  readonly deadlineMilliseconds?: number
  readonly connectionsAtMost?: number
  readonly graceMilliseconds?: number
}

/** Connections since the start, by their end; `open` ones are not among the others. */
export type ServerCounts = Readonly<Record<ConnectionEnd | 'open' | 'turnedAway', number>>

/** Serves logins on whatever `listener` is told to listen on. */
export interface LoginServer {
  readonly listener: Server
  counts(): ServerCounts
  /**
   * Stops listening, answers what has been asked, and resolves when that is done: at the latest with
   * the last deadline, unless a judge goes on beyond it.
   */
  drain(): Promise<void>
}

/** One request a connection; what one of them does or leaves out never holds up another. */
export function createLoginServer({
  answer,
  onAnswered,
  onError,
  deadlineMilliseconds = DEADLINE_MILLISECONDS,
  connectionsAtMost = CONNECTIONS_AT_MOST,
  graceMilliseconds = GRACE_MILLISECONDS,
}: ServerOptions): LoginServer {
  const ends = { answered: 0, refused: 0, left: 0, late: 0, failed: 0, turnedAway: 0 }
  const served = new Set<Promise<void>>()
  const silent = new Set<Socket>()

  const serve = async (socket: Socket): Promise<void> => {
    silent.add(socket)
    const onRequest = () => silent.delete(socket)
    const own = { deadlineMilliseconds, onRequest }
    const end = await serveConnection(socket, { answer, onAnswered, onError, ...own })
    silent.delete(socket)
    ends[end] += 1
  }

  const listener = createServer((socket) => {
    const done = serve(socket).finally(() => served.delete(done))
    served.add(done)
  })
  listener.maxConnections = connectionsAtMost
  listener.on('drop', () => {
    ends.turnedAway += 1
  })

  // Such as no descriptor left. Before it listens, whoever told it to hears of it.
  listener.on('error', (error) => {
    if (listener.listening) onError(error)
  })

  return {
    listener,
    counts: () => ({ ...ends, open: served.size }),
    drain: async () => {
      listener.close()
      const grace = setTimeout(async () => {
        // It may have been said while we were stopped.
        await lookOnceMore()
        for (const socket of silent) socket.destroy()
      }, graceMilliseconds)
      await Promise.all(served)
      clearTimeout(grace)
    },
  }
}
