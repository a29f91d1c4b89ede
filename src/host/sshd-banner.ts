import { connect } from 'node:net'
import { monotonicMilliseconds } from './deadline.ts'

/** RFC 4253, section 4.2. */
const GREETING = 'SSH-'
const ATTEMPT_MILLISECONDS = 1_000
const PAUSE_MILLISECONDS = 100
const LOOPBACK: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' }

/** Where sshd listens. */
export interface ListenAddress {
  readonly host: string
  readonly port: number
}

/** `0.0.0.0:22` and `[::]:22`, as `sshd -T` gives them; everywhere is looked for on this host. */
export function parseListenAddress(text: string): ListenAddress | undefined {
  const [, v6, v4, port] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? []
  const host = v6 ?? v4
  if (host === undefined || port === undefined) return undefined
  return { host: LOOPBACK[host] ?? host, port: Number(port) }
}

/** Whether any of these greets as an SSH server does before the time is over. */
export async function greetsAsSsh(
  addresses: readonly ListenAddress[],
  milliseconds: number,
): Promise<boolean> {
  const end = monotonicMilliseconds() + milliseconds
  do {
    const greetings = await Promise.all(addresses.map(isGreeting))
    if (greetings.includes(true)) return true
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MILLISECONDS))
  } while (monotonicMilliseconds() < end)
  return false
}

function isGreeting(address: ListenAddress): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ ...address, timeout: ATTEMPT_MILLISECONDS })
    const settle = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket
      .on('data', (bytes) => settle(bytes.toString('latin1').startsWith(GREETING)))
      .on('error', () => settle(false))
      .on('timeout', () => settle(false))
      .on('end', () => settle(false))
  })
}
