import { dirname } from 'node:path'
import type { Register, Vault } from './app/ports.ts'
import { AppError } from './base/errors.ts'
import { toPrintable } from './base/text.ts'
import { now as hostNow } from './host/clock.ts'
import {
  copyBackup,
  makePrivateFile,
  moveDatabaseAside,
  moveFile,
  nextKeptName,
  removeDatabase,
  syncFile,
} from './host/database-file.ts'
import { ensureDirectory, giveToOwnerOf, isThere } from './host/path.ts'
import { randomBytes } from './host/randomness.ts'
import { assertNewFile, buildFile, sweepDrafts } from './host/write-file.ts'
import {
  assertWholeFile,
  copyDatabase,
  haveOneAuditKey,
  type Inspection,
  inspectDatabase,
  readSealedAuditKey,
} from './store/sqlite/backup.ts'
import { type RestoreTerms, replaceRows, settleFile } from './store/sqlite/replace.ts'
import { initStorage, openKeylessStorage } from './store/sqlite/storage.ts'
import {
  assertTrustedStore,
  type Config,
  type KeylessStorage,
  nextKeyPath,
  openVault,
  storeOptions,
  type TimeLimit,
} from './wire.ts'
import { findKeyPlaces, holdKeysIfChangeable, readKeyNeed } from './wire-key.ts'

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
  const options = { ...storeOptions(config), ...wait }
  return buildFile(path, (draft) => {
    makePrivateFile(draft)
    copyDatabase(options, draft)
    const found = inspectDatabase({ ...options, path: draft }, vault)
    syncFile(draft)
    return { ...found, ...findKeyIds({ ...options, path: draft }) }
  })
}

function findKeyIds(options: Parameters<typeof readKeyNeed>[0]): Pick<Backup, 'keyId' | 'keyIds'> {
  const { keyId, all } = readKeyNeed(options)
  return { keyId, keyIds: all }
}

/** The sealed key of the audit log, to be kept with rows of it. Throws ERR_STORE_*. */
export function readAuditSeal(config: Config, wait: Wait): Buffer {
  assertTrustedStore(config)
  return readSealedAuditKey({ ...storeOptions(config), ...wait })
}

/** A backup that was found whole, beside the present; nothing is changed before `apply`. */
export interface OpenBackup {
  readonly backup: Backup
  readonly vault: Vault
  readonly saved: Register
  /** `undefined`: the database is missing or damaged. */
  readonly present: Register | undefined
  /** Puts it in the place of the database; where what was there is kept, where there was anything. */
  apply(terms: Pick<RestoreTerms, 'event'>): string | undefined
  close(): void
}

/**
 * Opens a backup for `restore`, by a copy in the directory of the database; one of an older schema is
 * brought to the newest there. Throws ERR_KEY_WRONG where it belongs to another key, and ERR_STORE_*.
 */
export function openBackup(config: Config, wait: Wait, path: string): OpenBackup {
  const vault = openVault(config)
  // A key that is just being changed would be that of another database before it is in its place.
  const release = holdKeysIfChangeable(config)
  try {
    const opened = openCopy(config, wait, path, vault)
    return { ...opened, close: () => closeBoth(opened, release) }
  } catch (error) {
    release()
    throw error
  }
}

function openCopy(config: Config, wait: Wait, path: string, vault: Vault): OpenBackup {
  const place = storeOptions(config)
  const directory = dirname(place.path)
  ensureDirectory(directory, 0o700)
  sweepDrafts(directory)
  const copy = copyBackup(path, directory)
  try {
    const options = { ...place, ...wait, path: copy }
    assertKeysOf(options, config)
    initStorage({ ...options, create: false }, vault, randomBytes)
    const backup = { ...inspectDatabase(options, vault), ...findKeyIds(options) }
    return toOpenBackup(config, { ...place, ...wait }, copy, { vault, backup })
  } catch (error) {
    removeDatabase(copy)
    throw asBackupError(error)
  }
}

function closeBoth(opened: OpenBackup, release: () => void): void {
  try {
    opened.close()
  } finally {
    release()
  }
}

/** What the store says to do about a damaged database is to do what is just being done. */
function asBackupError(error: unknown): unknown {
  if (!(error instanceof AppError) || error.code !== 'ERR_STORE_CORRUPT') return error
  return new AppError(error.code, `the backup is of no use: ${error.message}`, {
    hint: 'take another one; nothing was changed',
    cause: error,
  })
}

function toOpenBackup(
  config: Config,
  place: ReturnType<typeof storeOptions> & Wait,
  copy: string,
  { vault, backup }: Pick<OpenBackup, 'vault' | 'backup'>,
): OpenBackup {
  const present = openPresent(config, place)
  const saved = openKeylessStorage({ ...place, path: copy })
  const release = () => {
    saved.close()
    present?.close()
  }
  return {
    backup,
    vault,
    saved: saved.register,
    present: present?.register,
    apply({ event }) {
      const isOurs =
        present !== undefined && haveOneAuditKey(place, { ...place, path: copy }, vault)
      release()
      const terms = { now: hostNow, window: config.totp.window, event }
      const kept = nextKeptName(place.path)
      if (!isOurs) return swapFile(place, copy, kept, vault, terms)
      replaceRows(place, copy, vault, { ...terms, keep: () => keepCopy(place, kept) })
      return kept
    },
    close() {
      release()
      removeDatabase(copy)
    },
  }
}

/** Only what is damaged or not there is passed over: what is in use, or in wrong hands, is told. */
function openPresent(
  config: Config,
  place: ReturnType<typeof storeOptions> & Wait,
): KeylessStorage | undefined {
  if (!isThere(place.path)) return undefined
  assertTrustedStore(config)
  try {
    assertWholeFile(place)
    return openKeylessStorage(place)
  } catch (error) {
    const isUseless =
      error instanceof AppError &&
      (error.code === 'ERR_STORE_CORRUPT' || error.code === 'ERR_STORE_SCHEMA')
    if (isUseless) return undefined
    throw error
  }
}

function keepCopy(place: ReturnType<typeof storeOptions> & Wait, kept: string): void {
  buildFile(kept, (draft) => {
    makePrivateFile(draft)
    copyDatabase(place, draft)
    syncFile(draft)
    giveToOwnerOf(dirname(kept), draft)
  })
}

/**
 * Where the rows of what is there cannot be replaced: it is damaged, gone, or of another audit key. While
 * no file has the name every login is denied: none can be judged by half of two databases.
 */
function swapFile(
  place: ReturnType<typeof storeOptions> & Wait,
  copy: string,
  kept: string,
  vault: Vault,
  terms: RestoreTerms,
): string | undefined {
  settleFile({ ...place, path: copy }, vault, terms)
  giveToOwnerOf(dirname(copy), copy)
  syncFile(copy)
  const wasThere = isThere(place.path)
  moveDatabaseAside(place.path, kept)
  buildFile(place.path, (draft) => moveFile(copy, draft))
  return wasThere ? kept : undefined
}

/** Before anything else of the backup is believed. Throws ERR_KEY_WRONG, which names all keys. */
function assertKeysOf(options: Parameters<typeof readKeyNeed>[0], config: Config): void {
  const places = findKeyPlaces(config)
  const { all } = readKeyNeed(options)
  const missing = all.filter((id) => places.every((place) => place.id !== id))
  if (missing.length === 0) return
  const needs = all.length === 1 ? `the key ${all[0]}` : `the keys ${all.join(' and ')}`
  const ours = places.map(({ id, path }) => `${toPrintable(path)} is ${id}`).join(', and ')
  const next = toPrintable(nextKeyPath(config.store))
  throw new AppError('ERR_KEY_WRONG', `the backup needs ${needs}, and ${ours}`, {
    hint: `put the key ${missing.join(' and ')} into its place, 0400 root, and the present one beside it as ${next}; nothing was changed`,
  })
}
