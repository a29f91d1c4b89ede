import { countLogins, type LoginCounts } from '../app/count-logins.ts'
import { type Backlog, countUntold } from '../app/count-untold.ts'
import { type AccountSurvey, surveyAccounts } from '../app/survey-accounts.ts'
import { addSeconds, DAY_SECONDS, type UnixSeconds } from '../base/time.ts'
import { NOTIFY_EVENTS } from '../domain/notify-event.ts'
import { type DaemonState, probeDaemon } from '../host/daemon-probe.ts'
import { sizeOf } from '../host/file-size.ts'
import { SCHEMA_VERSION } from '../wire.ts'
import { findKeyPath } from '../wire-key.ts'
import { openOutbox } from '../wire-notify.ts'
import type { Session } from './context.ts'
import { ADMIN_TIME_LIMIT } from './open-session.ts'

/** How this host is, at one time: what `status` shows and `metrics` counts. */
export interface Overview {
  readonly at: UnixSeconds
  readonly accounts: AccountSurvey
  /** Of the last 24 hours. */
  readonly logins: LoginCounts
  readonly daemon: DaemonState
  /** Of the database, with what is written and not in its main file yet. */
  readonly databaseBytes: number
  /** The key that the database needs, and where it is. */
  readonly keyId: string
  readonly keyPath: string
  readonly schema: number
  /** When maintenance was last done to its end; `undefined`: never. */
  readonly maintainedAt: UnixSeconds | undefined
  /**
   * What the [notify] command has not been told; `undefined`: there is none, or it never ran. 'damaged':
   * nobody knows.
   */
  readonly backlog: Backlog | 'damaged' | undefined
}

/** Looks at all of it; `socket`: where the daemon would listen. Throws ERR_STORE_*. */
export async function takeOverview(
  { config, policy, ports }: Session,
  socket: string,
): Promise<Overview> {
  const at = ports.now()
  const { path } = config.store
  return {
    at,
    accounts: await surveyAccounts(ports.register, policy.throttle, at),
    logins: await countLogins(ports.journal, addSeconds(at, -DAY_SECONDS)),
    daemon: await probeDaemon(socket),
    databaseBytes: sizeOf(path, `${path}-wal`),
    keyId: ports.vault.keyId,
    keyPath: findKeyPath(config, ports.vault.keyId),
    schema: SCHEMA_VERSION,
    maintainedAt: await ports.upkeep.findDoneAt(),
    backlog: await takeBacklog(config),
  }
}

/** What the [notify] command has not been told; `undefined`: there is none, or it never ran. */
export async function takeBacklog(config: Session['config']): Promise<Overview['backlog']> {
  const { command, events = NOTIFY_EVENTS } = config.notify
  if (command.length === 0) return undefined
  const outbox = openOutbox(config, ADMIN_TIME_LIMIT)
  try {
    return await countUntold(outbox, events)
  } finally {
    outbox.close()
  }
}
