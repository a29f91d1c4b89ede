import { connect, createServer } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

const GREETING_WAIT_MS = 2000

/** A port of 127.0.0.1 nobody listens on now; somebody else may take it before you do. */
export function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => {
        if (address === null || typeof address === 'string') reject(new Error('no free port'))
        else resolve(address.port)
      })
    })
  })
}

/** Whether an SSH server greets on this port; where none does, the answer takes `pauseMs`. */
export async function greetsAsSsh(port: number, pauseMs: number): Promise<boolean> {
  const greeting = await readGreeting(port)
  if (greeting.startsWith('SSH-')) return true
  await wait(pauseMs)
  return false
}

function readGreeting(port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    const finish = (text: string) => {
      socket.destroy()
      resolve(text)
    }
    socket.setTimeout(GREETING_WAIT_MS, () => finish(''))
    socket.on('error', () => finish(''))
    socket.on('data', (chunk) => finish(chunk.toString('latin1')))
    socket.on('end', () => finish(''))
  })
}
