import { type ListenPlace, openListenSocket } from '../host/listen-socket.ts'
import type { ServiceNotifier } from '../host/sd-notify.ts'
import { createHealth, describeError, type Health } from './health.ts'
import type { DaemonJournal } from './journal.ts'
import type { Judge } from './judge.ts'
import { createLoginServer, type LoginServer, type ServerOptions } from './server.ts'

/** Longer than the deadline of a login; a unit that stops is given 90 s by systemd. */
const DRAIN_MILLISECONDS = 3000

/** What the daemon consists of, and what it is told. */
export interface DaemonParts extends Pick<ServerOptions, 'deadlineMilliseconds'> {
  readonly place: ListenPlace
  readonly judge: Judge
  readonly journal: DaemonJournal
  readonly notifier: ServiceNotifier
  /** How often to tell the watchdog of systemd; `undefined`: there is none. */
  readonly watchdogMilliseconds: number | undefined
  readonly drainMilliseconds?: number
}

/** A daemon that listens. None of these throws. */
export interface RunningDaemon {
  /** Reads the configuration again, and keeps the old one where the new one is no good. */
  reload(): void
  /** Notes how many connections there were, by their end. */
  report(): void
  /** Answers what has been asked, and gives everything back but the journal. */
  stop(): Promise<void>
}

/** Listens, and says so. Throws ERR_REFUSED where it cannot; the judge is closed then. */
export async function startDaemon(parts: DaemonParts): Promise<RunningDaemon> {
  const { place, judge, journal, notifier, watchdogMilliseconds } = parts
  const server = openServer(parts)
  const health = createHealth(judge, server.counts)
  const socket = await openListenSocket(server.listener, place).catch((error: unknown) => {
    judge.close()
    throw error
  })
  const watchdog = startWatchdog(watchdogMilliseconds, () => notifier.alive(health.status()))
  announce(parts, health)
  return {
    reload: () => reload(parts, health),
    report: () => journal.note('info', 'counts', { ...server.counts() }),
    stop: async () => {
      clearInterval(watchdog)
      notifier.stopping('answering the last logins')
      socket.release()
      const isDrained = await within(parts.drainMilliseconds ?? DRAIN_MILLISECONDS, server.drain())
      judge.close()
      journal.note(isDrained ? 'info' : 'warning', 'stopped', { ...server.counts() })
      await notifier.settled()
    },
  }
}

/** Who cannot judge listens all the same: then whoever logs in finds the cause in the log. */
function announce({ place, judge, journal, notifier }: DaemonParts, health: Health): void {
  const trouble = judge.trouble()
  const where = place.kind === 'path' ? place.path : 'the socket of systemd'
  journal.note('info', `listening on ${where}`)
  if (trouble !== undefined) journal.note('err', 'no login can be judged', describeError(trouble))
  notifier.ready(health.status())
}

function openServer({ judge, journal, deadlineMilliseconds }: DaemonParts): LoginServer {
  return createLoginServer({
    answer: (request, deadline) => judge.answer(request, deadline),
    // Not before: of what does not arrive, the direct verifier decides, and logs it.
    onAnswered: ({ log }) => {
      for (const entry of log) journal.login(entry)
    },
    onError: (error) => journal.note('err', 'a login got no answer', describeError(error)),
    ...(deadlineMilliseconds === undefined ? {} : { deadlineMilliseconds }),
  })
}

function reload({ judge, journal, notifier }: DaemonParts, health: Health): void {
  notifier.reloading()
  try {
    journal.note('notice', judge.reload())
    health.noteRefusal(undefined)
  } catch (error) {
    journal.note('err', 'the old configuration is kept', describeError(error))
    health.noteRefusal(error)
  }
  notifier.ready(health.status())
}

/** From the event loop: where that stands still, so does this. */
function startWatchdog(
  milliseconds: number | undefined,
  tell: () => void,
): NodeJS.Timeout | undefined {
  return milliseconds === undefined ? undefined : setInterval(tell, milliseconds)
}

/** Whether it was done in time. */
async function within(milliseconds: number, work: Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), milliseconds)
  })
  const done = work.then(() => true)
  try {
    return await Promise.race([done, late])
  } finally {
    clearTimeout(timer)
  }
}
