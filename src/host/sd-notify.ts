import { execFile } from 'node:child_process'
import { toPrintable } from '../base/text.ts'

/** Node cannot open the datagram socket that systemd listens on; this program can. */
const PROGRAM = '/usr/bin/systemd-notify'
/** It waits until systemd has read the message, which takes milliseconds. */
const TIME_LIMIT_MILLISECONDS = 5000

/** What systemd tells a service about itself (sd_notify(3), sd_watchdog_enabled(3)). */
export interface ServiceEnvironment {
  readonly NOTIFY_SOCKET?: string | undefined
  readonly WATCHDOG_USEC?: string | undefined
  readonly WATCHDOG_PID?: string | undefined
}

/** Tells systemd how the service is doing, in the order of the calls. None of them waits or throws. */
export interface ServiceNotifier {
  /** After the start, and after each reload. */
  ready(status: string): void
  reloading(): void
  stopping(status: string): void
  /** For the watchdog. Left out where the last message has not even got through. */
  alive(status: string): void
  /** Resolves when there is nothing left to tell. */
  settled(): Promise<void>
}

interface NotifierOptions {
  /** Called with the cause where systemd could not be told. */
  readonly onError?: (error: unknown) => void
  readonly program?: string
}

/**
 * Without NOTIFY_SOCKET it tells nobody. The messages come from a process of their own: the unit needs
 * NotifyAccess=all, unless it runs as root.
 */
export function createServiceNotifier(
  { NOTIFY_SOCKET }: ServiceEnvironment,
  { onError = () => {}, program = PROGRAM }: NotifierOptions = {},
): ServiceNotifier {
  let last: Promise<void> = Promise.resolve()
  let waiting = 0
  const send = (...assignments: readonly string[]): void => {
    if (NOTIFY_SOCKET === undefined || NOTIFY_SOCKET === '') return
    waiting += 1
    last = last
      .then(() => run(program, assignments, NOTIFY_SOCKET))
      .catch(onError)
      .finally(() => {
        waiting -= 1
      })
  }
  return {
    ready: (status) => send('READY=1', statusLine(status)),
    reloading: () => send('RELOADING=1'),
    stopping: (status) => send('STOPPING=1', statusLine(status)),
    alive: (status) => {
      if (waiting === 0) send('WATCHDOG=1', statusLine(status))
    },
    settled: () => last,
  }
}

/**
 * How often to say that we are alive, in milliseconds: twice within the time systemd allows.
 * `undefined`: nobody waits for it, or not from the process `pid`.
 */
export function findWatchdogInterval(
  { WATCHDOG_USEC = '', WATCHDOG_PID }: ServiceEnvironment,
  pid: number,
): number | undefined {
  if (WATCHDOG_PID !== undefined && WATCHDOG_PID !== String(pid)) return undefined
  const isNumber = /^[1-9]\d{0,14}$/.test(WATCHDOG_USEC)
  return isNumber ? Math.max(1, Math.floor(Number(WATCHDOG_USEC) / 2000)) : undefined
}

/** One line: a second one would be another assignment. */
function statusLine(status: string): string {
  return `STATUS=${toPrintable(status)}`
}

function run(program: string, assignments: readonly string[], socket: string): Promise<void> {
  const env = { NOTIFY_SOCKET: socket }
  const limits = { timeout: TIME_LIMIT_MILLISECONDS, killSignal: 'SIGKILL' } as const
  return new Promise((resolve, reject) => {
    execFile(program, assignments, { env, ...limits }, (error) => {
      if (error === null) resolve()
      else reject(error)
    })
  })
}
