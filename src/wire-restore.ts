import { dirname } from 'node:path'
import type { RandomBytes, Register, Vault } from './app/ports.ts'
import { AppError } from './base/errors.ts'
import { toPrintable } from './base/text.ts'
import { NOTHING_PAST } from './domain/past.ts'
import { copyBackup } from './host/backup-file.ts'
import { now as hostNow } from './host/clock.ts'
import { makePrivateFile, moveFile, removeDatabase, syncFile } from './host/database-file.ts'
import { beforeDeath } from './host/death.ts'
import { moveDatabaseAside, newestKeptName, nextKeptName } from './host/kept-database.ts'
import { ensureDirectory, giveToOwnerOf, isThere } from './host/path.ts'
import { randomBytes } from './host/randomness.ts'
import { buildFile, sweepDrafts } from './host/write-file.ts'
import { copyDatabase, inspectDatabase } from './store/sqlite/backup.ts'
import { lookAtPresent, type Present, readPastOf } from './store/sqlite/present.ts'
import { type RestoreTerms, replaceRows, settleFile } from './store/sqlite/replace.ts'
import { initStorage, openKeylessStorage } from './store/sqlite/storage.ts'
import {
  assertTrustedStore,
  type Config,
  nextKeyPath,
  openVault,
  storeOptions,
  storeOwners,
  type TimeLimit,
} from './wire.ts'
import { type Backup, findKeyIds } from './wire-backup.ts'
import { findKeyPlaces, readKeyNeed } from './wire-key.ts'
import { holdKeysIfChangeable } from './wire-key-lock.ts'

export type { Present }

type Wait = Pick<TimeLimit, 'busyMilliseconds'>

/** A backup that was found whole, beside the present; nothing is changed before `apply`. */
export interface OpenBackup {
  readonly backup: Backup
  readonly vault: Vault
  readonly saved: Register
  /** What stands in its place, which was looked at once: what is told, and what is done, follows from it. */
  readonly present: Present
  /** Puts it in the place of the database; where what was there is kept, where there was anything. */
  apply(terms: Pick<RestoreTerms, 'event'>): string | undefined
  close(): void
}

/** Where a restore takes place: the database, the copy of the backup beside it, and the key. */
interface Place extends ReturnType<typeof storeOptions>, Wait {
  readonly copy: string
  readonly vault: Vault
}

/**
 * Opens a backup for `restore`, by a copy in the directory of the database; one of an older schema is
 * brought to the newest there. Only one run does so at a time: throws ERR_REFUSED beside another,
 * ERR_KEY_WRONG where the backup belongs to another key, and ERR_STORE_*.
 */
export function openBackup(config: Config, wait: Wait, path: string): OpenBackup {
  const vault = openVault(config)
  // A key that is just being changed would be that of another database before it is in its place.
  const releaseKeys = holdKeysIfChangeable(config)
  const place = { ...storeOptions(config), ...wait, vault }
  let copy: string | undefined
  const release = () => {
    if (copy !== undefined) removeDatabase(copy)
    releaseKeys()
  }
  const outlive = beforeDeath(release)
  const close = () => {
    outlive()
    release()
  }
  try {
    copy = copyInto(config, path)
    return openCopy(config, { ...place, copy }, close)
  } catch (error) {
    close()
    throw error
  }
}

function copyInto(config: Config, path: string): string {
  const directory = dirname(config.store.path)
  ensureDirectory(directory, 0o700)
  sweepDrafts(directory)
  return copyBackup(path, { directory, owners: storeOwners(config) })
}

function openCopy(config: Config, place: Place, close: () => void): OpenBackup {
  const backup = inspectCopy(config, place, randomBytes)
  const present = findPresent(config, place)
  const saved = openKeylessStorage({ ...place, path: place.copy })
  return {
    backup,
    vault: place.vault,
    saved: saved.register,
    present,
    apply({ event }) {
      saved.close()
      const terms = { now: hostNow, window: config.totp.window, event }
      return present.kind === 'ours' ? replacePresent(place, terms) : swapFile(place, terms)
    },
    close() {
      saved.close()
      close()
    },
  }
}

/** Everything that can be told of the backup alone. Throws ERR_KEY_WRONG and ERR_STORE_*. */
function inspectCopy(config: Config, place: Place, random: RandomBytes): Backup {
  const options = { ...place, path: place.copy }
  try {
    assertKeysOf(options, config)
    initStorage({ ...options, create: false }, place.vault, random)
    const found = inspectDatabase(options, place.vault)
    const [unread] = found.unread
    if (unread !== undefined) {
      throw new AppError('ERR_STORE_CORRUPT', `it holds what cannot be read: ${unread}`)
    }
    return { ...found, ...findKeyIds(options) }
  } catch (error) {
    throw asBackupError(error)
  }
}

/** What the store says to do about a damaged database is to do what is just being done. */
function asBackupError(error: unknown): unknown {
  const isBad =
    error instanceof AppError &&
    (error.code === 'ERR_STORE_CORRUPT' || error.code === 'ERR_STORE_FAILED')
  if (!isBad) return error
  return new AppError('ERR_STORE_CORRUPT', `the backup is of no use: ${error.message}`, {
    hint: 'take another one; nothing was changed',
    cause: error,
  })
}

/**
 * Where no database is, the one that a restore has moved aside is looked at in its place: that run may have
 * been cut off before it had put the backup there.
 */
function findPresent(config: Config, place: Place): Present {
  const isHere = isThere(place.path)
  const path = isHere ? place.path : newestKeptName(place.path)
  if (path === undefined) return { kind: 'absent', past: NOTHING_PAST }
  assertTrustedStore(config, path)
  const found = lookAtPresent({ ...place, path }, { ...place, path: place.copy }, place.vault)
  if (isHere || found.kind !== 'ours') return found
  const flaws = [`it is gone; ${toPrintable(path)} is looked at in its place`]
  return { kind: 'readable', past: found.past, flaws }
}

/** In the file itself: whoever has it open goes on. */
function replacePresent(place: Place, terms: RestoreTerms): string {
  const kept = nextKeptName(place.path)
  let isKept = false
  const keep = () => {
    buildFile(kept, (draft) => {
      makePrivateFile(draft)
      copyDatabase(place, draft)
      syncFile(draft)
      giveToOwnerOf(dirname(kept), draft)
    })
    isKept = true
  }
  try {
    replaceRows(place, place.copy, place.vault, { ...terms, keep })
    return kept
  } catch (error) {
    // It holds what is in its place still; on a full disk it would be in the way of the next run.
    if (isKept) removeDatabase(kept)
    throw error
  }
}

/**
 * By another file of the same name. While no file has it every login is denied: none can be judged by half
 * of two databases. One that has the old file open saves nothing there any more, unless it was about to:
 * that is waited for, and counts.
 */
function swapFile(place: Place, terms: RestoreTerms): string | undefined {
  const { path, copy, vault } = place
  const wasThere = isThere(path)
  const kept = nextKeptName(path)
  const source = wasThere ? kept : newestKeptName(path)
  const moveBack = moveDatabaseAside(path, kept)
  try {
    const past = source === undefined ? NOTHING_PAST : readPastOf({ ...place, path: source })
    settleFile({ ...place, path: copy }, past, vault, terms)
    giveToOwnerOf(dirname(copy), copy)
    syncFile(copy)
    buildFile(path, (draft) => moveFile(copy, draft))
  } catch (error) {
    moveBack()
    throw error
  }
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
