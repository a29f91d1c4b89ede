import { linkSync, lstatSync, readFileSync, renameSync } from 'node:fs'
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
 * Throws ERR_REFUSED where `old`, the name that the key `path` is to be kept under, is taken by anything
 * but that same key: then it would go nowhere.
 */
export function assertKeepable(path: string, old: string): void {
  if (!isThere(old) || isSameFile(path, old)) return
  const shown = toPrintable(old)
  throw new AppError('ERR_REFUSED', `${shown} is in the way: it does not hold the old key`, {
    hint: `see what it is, and move it elsewhere: ls -ld ${shown}`,
  })
}

/**
 * Puts the key `next` into the place of `path`, whose key stays under the name `old`, or goes. At no moment
 * is there none. Throws ERR_OUTPUT_FAILED, and ERR_REFUSED as `assertKeepable`.
 */
export function replaceKeyFile(
  path: string,
  next: string,
  old: { readonly path: string; readonly isKept: boolean },
): void {
  assertKeepable(path, old.path)
  if (!old.isKept) removeFile(old.path)
  guarded(path, () => {
    if (old.isKept) {
      if (!isThere(old.path)) linkSync(path, old.path)
      // On the disk under that name before it loses this one.
      syncFile(old.path)
      syncDirectory(dirname(path))
    }
    renameSync(next, path)
    syncDirectory(dirname(path))
  })
}

/** A symlink is no copy: it would lead to the new key, or nowhere. */
function isSameFile(path: string, other: string): boolean {
  return guarded(other, () => {
    if (!lstatSync(other).isFile()) return false
    const [bytes, others] = [readFileSync(path), readFileSync(other)]
    const isSame = bytes.equals(others)
    bytes.fill(0)
    others.fill(0)
    return isSame
  })
}

function guarded<T>(path: string, act: () => T): T {
  try {
    return act()
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    const what = `cannot write ${toPrintable(path)} (${errnoOf(cause) ?? 'unknown'})`
    throw new AppError('ERR_OUTPUT_FAILED', what, { cause })
  }
}
