import { now } from '../host/clock.ts'
import { monotonicMilliseconds } from '../host/deadline.ts'
import { createLookAhead } from '../host/passwd-ahead.ts'
import { type Config, DEFAULT_CONFIG_PATH, loadConfig, openAccounts, openPorts } from '../wire.ts'
import type { DaemonArguments } from './arguments.ts'
import type { Judge } from './judge.ts'
import { createLoginJudge } from './login-judge.ts'
import { createSharedPorts } from './shared-ports.ts'

/** Nobody else is answered while SQLite waits for a lock; direct mode can wait by itself. */
const BUSY_MILLISECONDS = 1000

/**
 * Logins that arrive together share one COMMIT, which is most of the work. Four milliseconds are less
 * than a slow disk takes for one, and one login alone waits for none of them.
 */
const GATHERING = { longestMilliseconds: 4, quietTurns: 2, elapsed: monotonicMilliseconds }

/** What is asked of a look-up in a directory, which others do not wait for. */
const LOOK_UP_MILLISECONDS = 1500

/** The judge over the host's own configuration, key and database. Nothing is opened before a login. */
export function openJudge({
  configPath,
  keyPath: credential,
}: Extract<DaemonArguments, { kind: 'run' }>): Judge {
  const timing = { busyMilliseconds: BUSY_MILLISECONDS, beforeCommit: () => {} }
  const open = (config: Config) =>
    openPorts(config, { ...timing, credential, gathering: GATHERING })
  return createLoginJudge(
    { configPath, defaultConfigPath: DEFAULT_CONFIG_PATH },
    {
      loadConfig: () => loadConfig(configPath),
      ports: createSharedPorts(open),
      openAccounts: (config) => openAccounts(config, timing),
      lookAhead: createLookAhead({ timeLimitMilliseconds: LOOK_UP_MILLISECONDS }),
      now,
    },
  )
}
