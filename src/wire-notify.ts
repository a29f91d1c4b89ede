import type { Outbox } from './app/ports.ts'
import { now } from './host/clock.ts'
import { holdFile } from './host/held-file.ts'
import { openOutbox as openSqliteOutbox } from './store/sqlite/outbox.ts'
import { assertTrustedStore, type Config, storeOptions, type TimeLimit } from './wire.ts'

/** The audit log, to be told; it takes no key. Throws ERR_STORE_*. */
export function openOutbox(
  config: Config,
  limit: TimeLimit,
): Outbox & { readonly close: () => void } {
  assertTrustedStore(config)
  return openSqliteOutbox({ ...storeOptions(config), ...limit, now })
}

/**
 * Only one process tells at a time: what lets the next one; `undefined`: another does. Throws
 * ERR_STORE_*, ERR_REFUSED and ERR_OUTPUT_FAILED.
 */
export function takeTurn(config: Config): (() => void) | undefined {
  assertTrustedStore(config)
  return holdFile(`${config.store.path}.notify-lock`)?.release
}
