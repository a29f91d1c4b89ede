import type { TellingRun } from '../app/telling-run.ts'
import type { Config } from '../config/config.ts'
import { now } from '../host/clock.ts'
import { fileVersion } from '../host/file-version.ts'
import type { StopSignal } from '../host/stop-signal.ts'
import { loadConfig } from '../wire.ts'
import { asAdmin } from './open-session.ts'

/** How long an event may go untold while all is well; a look costs three stat(2). */
const POLL_MILLISECONDS = 2000

/**
 * Calls `tell` whenever there may be something to tell, until it is told to stop. Nothing is held open in
 * between: the database may be replaced, the configuration edited, and a host without logins is left
 * alone. Errors end it; whoever has started it starts it again.
 */
export async function followLog(
  stop: StopSignal,
  configPath: string,
  tell: (config: Config, isStopping: () => boolean) => Promise<TellingRun | undefined>,
): Promise<void> {
  const look = (config: Config): string => {
    const { path } = config.store
    return [configPath, path, `${path}-wal`].map(fileVersion).join()
  }
  let config = asAdmin(() => loadConfig(configPath))
  let seen: string | undefined
  let retryAt: TellingRun['retryAt']
  while (!stop.isStopping()) {
    const found = look(config)
    if (found !== seen || (retryAt !== undefined && now() >= retryAt)) {
      config = asAdmin(() => loadConfig(configPath))
      const run = await tell(config, stop.isStopping)
      // Another process is at it, and may be ended: nobody knows what it leaves.
      seen = run === undefined ? undefined : found
      retryAt = run?.retryAt
    }
    await stop.sleep(POLL_MILLISECONDS)
  }
}
