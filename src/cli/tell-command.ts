import { beginFromNow, tellEvents } from '../app/tell-events.ts'
import type { TellInput, TellingRun, Told } from '../app/telling-run.ts'
import { AppError } from '../base/errors.ts'
import type { Config } from '../config/config.ts'
import { NOTIFY_EVENTS, type Notice } from '../domain/notify-event.ts'
import { now } from '../host/clock.ts'
import { findCommandFlaw } from '../host/command-file.ts'
import { runCommand } from '../host/run-command.ts'
import { openOutbox, takeTurn } from '../wire-notify.ts'
import { toNotifyMessage } from './notify-message.ts'
import { ADMIN_TIME_LIMIT } from './open-session.ts'

interface Manner extends Pick<TellInput, 'isUrgent'> {
  readonly hostName: string
  readonly isStopping: () => boolean
}

/**
 * One run over what is not told yet; `undefined`: another process is at it. Throws ERR_STORE_*, and
 * ERR_CONFIG_INVALID where there is no command, or one that others could replace: no row is to blame.
 */
export async function tellCommand(
  config: Config,
  { hostName, isStopping, isUrgent }: Manner,
): Promise<TellingRun | undefined> {
  assertCommand(config)
  const events = config.notify.events ?? NOTIFY_EVENTS
  const tell = (notice: Notice) => runFor(notice, config, hostName)
  return inTurn(config, (outbox) =>
    tellEvents({ outbox, tell, now, isStopping }, { events, isUrgent }),
  )
}

/** Passes over all that is not told yet; the last row of it. `undefined` and errors as `tellCommand`. */
export function skipBacklog(config: Config): Promise<number | undefined> {
  return inTurn(config, beginFromNow)
}

async function inTurn<T>(
  config: Config,
  use: (outbox: ReturnType<typeof openOutbox>) => Promise<T>,
): Promise<T | undefined> {
  const endTurn = takeTurn(config)
  if (endTurn === undefined) return undefined
  try {
    const outbox = openOutbox(config, ADMIN_TIME_LIMIT)
    try {
      return await use(outbox)
    } finally {
      outbox.close()
    }
  } finally {
    endTurn()
  }
}

function assertCommand({ notify }: Config): void {
  const [program] = notify.command
  if (program === undefined) {
    throw new AppError('ERR_CONFIG_INVALID', 'there is no [notify] command', {
      hint: 'name the program to be told, in otpgate.toml: command = ["/usr/local/sbin/tell"]',
    })
  }
  const flaw = findCommandFlaw(notify.command)
  if (flaw === undefined) return
  throw new AppError('ERR_CONFIG_INVALID', `the [notify] command is not run: ${flaw}`, {
    hint: "it, its interpreter, files it names and their directories must be root's alone to write",
  })
}

async function runFor(notice: Notice, { notify }: Config, hostName: string): Promise<Told> {
  const { event, json } = toNotifyMessage(notice, hostName)
  const end = await runCommand({
    argv: notify.command,
    input: json,
    // Of a closed set of words. Names and addresses are in the JSON alone: no shell meets them there.
    environment: { OTPGATE_EVENT: event },
    timeLimitMilliseconds: notify.timeoutSeconds * 1000,
  })
  return end.outcome === 'done' ? { outcome: 'told' } : end
}
