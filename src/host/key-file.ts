import { linkSync, renameSync } from 'node:fs'
import { dirname } from 'node:path'
import { AppError } from '../base/errors.ts'
import { toPrintable } from '../base/text.ts'
import { syncFile } from './database-file.ts'
import { errnoOf } from './errno.ts'
import { isThere, removeFile } from './path.ts'
import { sweepDrafts, syncDirectory, writeNewFile } from './write-file.ts'

/** Nobody has to write to a key that is there. */
const KEY_MODE = 0o400

/** Writes a master key where nothing has that name. Throws ERR_OUTPUT_*. */
export function writeKeyFile(path: string, key: Uint8Array): void {
  writeNewFile(path, key, KEY_MODE)
}

/**
 * Makes a key where there is none, and sees to it that a power loss does not take it: before anything is
 * sealed with it. Throws ERR_OUTPUT_*.
 */
export function ensureDurableKey(path: string, makeKey: () => Buffer): void {
  // The draft of a run that was killed may hold a key.
  sweepDrafts(dirname(path))
  if (!isThere(path)) {
    const key = makeKey()
    writeKeyFile(path, key)
    key.fill(0)
  }
  // Of one that was there nobody knows how far the run came that made it.
  syncFile(path)
  guarded(path, () => syncDirectory(dirname(path)))
}

/**
 * Puts the key `next` into the place of `path`, whose key stays under the name `old`, or goes. At no moment
 * is there none. Throws ERR_OUTPUT_FAILED.
 */
export function replaceKeyFile(
  path: string,
  next: string,
  old: { readonly path: string; readonly isKept: boolean },
): void {
  if (!old.isKept) removeFile(old.path)
  guarded(path, () => {
    if (old.isKept && !isThere(old.path)) {
      linkSync(path, old.path)
      // On the disk under that name before it loses this one.
      syncDirectory(dirname(path))
    }
    renameSync(next, path)
    syncDirectory(dirname(path))
  })
}

function guarded(path: string, act: () => void): void {
  try {
    act()
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    const what = `cannot write ${toPrintable(path)} (${errnoOf(cause) ?? 'unknown'})`
    throw new AppError('ERR_OUTPUT_FAILED', what, { cause })
  }
}
