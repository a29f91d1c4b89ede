import { isThere } from './host/path.ts'
import { type Upgrade, upgradeStorage } from './store/sqlite/upgrade.ts'
import { assertTrustedStore, type Config, storeOptions, type TimeLimit } from './wire.ts'

export type { Upgrade }

/**
 * Brings the database of the configuration to this program's schema, or tries whether that would go;
 * `undefined` where there is none. Throws ERR_STORE_*.
 */
export function upgradeDatabase(
  config: Config,
  { busyMilliseconds }: Pick<TimeLimit, 'busyMilliseconds'>,
  isRehearsal: boolean,
): Upgrade | undefined {
  if (!isThere(config.store.path)) return undefined
  assertTrustedStore(config)
  return upgradeStorage({ ...storeOptions(config), busyMilliseconds }, isRehearsal)
}
