import { countLogins, type LoginCounts } from '../app/count-logins.ts'
import { type AccountSurvey, surveyAccounts } from '../app/survey-accounts.ts'
import { addSeconds, DAY_SECONDS, type UnixSeconds } from '../base/time.ts'
import { type DaemonState, probeDaemon } from '../host/daemon-probe.ts'
import { sizeOf } from '../host/file-size.ts'
import { findTimerStamp } from '../host/timer-stamp.ts'
import type { Session } from './context.ts'

/** The unit that takes away what is past its date; of systemd/. */
const MAINTENANCE_TIMER = 'otpgate-maintain.timer'

/** How this host is, at one time: what `status` shows and `metrics` counts. */
export interface Overview {
  readonly at: UnixSeconds
  readonly accounts: AccountSurvey
  /** Of the last 24 hours. */
  readonly logins: LoginCounts
  readonly daemon: DaemonState
  /** Of the database, with what is written and not in its main file yet. */
  readonly databaseBytes: number
  readonly keyId: string
  /** When the timer last went off; `undefined`: it never did, or something else runs maintenance. */
  readonly timerAt: UnixSeconds | undefined
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
    timerAt: findTimerStamp(MAINTENANCE_TIMER),
  }
}
