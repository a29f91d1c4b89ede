import { assertPrivatePlace } from './host/backup-file.ts'
import { makePrivateFile, syncFile } from './host/database-file.ts'
import { assertNewFile, buildFile } from './host/write-file.ts'
import {
  copyDatabase,
  type Inspection,
  inspectDatabase,
  readSealedAuditKey,
} from './store/sqlite/backup.ts'
import {
  assertTrustedStore,
  type Config,
  openVault,
  storeOptions,
  storeOwners,
  type TimeLimit,
} from './wire.ts'
import { readKeyNeed } from './wire-key.ts'

/** What was found in a copy of the database, and the key that the copy opens with. */
export interface Backup extends Inspection {
  readonly keyId: string
  /** Of all keys that it takes to open it, that one first: two, where it was made while the key was changed. */
  readonly keyIds: readonly string[]
}

type Wait = Pick<TimeLimit, 'busyMilliseconds'>

/**
 * Writes the database as it is at one moment into a new file, 0600, that was read back before it has
 * its name. Throws as `openPorts`, and ERR_OUTPUT_*.
 */
export function writeBackup(config: Config, wait: Wait, path: string): Backup {
  const vault = openVault(config)
  assertTrustedStore(config)
  assertNewFile(path)
  assertPrivatePlace(path, storeOwners(config))
  const options = { ...storeOptions(config), ...wait }
  return buildFile(path, (draft) => {
    makePrivateFile(draft)
    copyDatabase(options, draft)
    const found = inspectDatabase({ ...options, path: draft }, vault)
    syncFile(draft)
    return { ...found, ...findKeyIds({ ...options, path: draft }) }
  })
}

/** Takes no key. Throws ERR_STORE_*. */
export function findKeyIds(
  options: Parameters<typeof readKeyNeed>[0],
): Pick<Backup, 'keyId' | 'keyIds'> {
  const { keyId, all } = readKeyNeed(options)
  return { keyId, keyIds: all }
}

/** The sealed key of the audit log, to be kept with rows of it. Throws ERR_STORE_*. */
export function readAuditSeal(config: Config, wait: Wait): Buffer {
  assertTrustedStore(config)
  return readSealedAuditKey({ ...storeOptions(config), ...wait })
}
