import { lstatSync, readlinkSync, renameSync, type Stats, symlinkSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { AppError } from '../base/errors.ts'
import { toPrintable } from '../base/text.ts'
import { errnoOf } from './errno.ts'
import { trustedOwners } from './file-mode.ts'
import { isThere } from './path.ts'
import { findUntrustedParent } from './trusted-path.ts'

/** What has a file's name, and is none. */
export interface OddEntry {
  /** Tells it from any other: a symlink's whole target, or device and inode. */
  readonly identity: string
  /** Absolute; `undefined`: it is no symlink. */
  readonly target: string | undefined
}

/** `undefined`: a file, nothing at all, or where others than root could put another in its place. */
export function findOddEntry(path: string): OddEntry | undefined {
  try {
    const entry = lstatSync(path, { throwIfNoEntry: false })
    if (entry === undefined || entry.isFile()) return undefined
    if (findUntrustedParent(path, trustedOwners()) !== undefined) return undefined
    return describe(path, entry)
  } catch {
    return undefined
  }
}

/**
 * Keeps it under another name: a symlink as a second one, which waits for a file in the place of the
 * first; anything else is moved away. Safe to repeat. Throws ERR_OUTPUT_FAILED.
 */
export function keepOddEntry(path: string, { target }: OddEntry, kept: string): void {
  try {
    if (target === undefined) renameSync(path, kept)
    else if (!isThere(kept)) symlinkSync(target, kept)
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    const what = `cannot move ${toPrintable(path)} to ${kept} (${errnoOf(cause) ?? 'unknown'})`
    throw new AppError('ERR_OUTPUT_FAILED', what, { hint: 'move it away by hand first', cause })
  }
}

function describe(path: string, entry: Stats): OddEntry {
  if (!entry.isSymbolicLink()) return { identity: `${entry.dev}:${entry.ino}`, target: undefined }
  const target = resolve(dirname(path), readlinkSync(path))
  return { identity: target, target }
}
