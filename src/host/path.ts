import {
  chmodSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { AppError } from '../base/errors.ts'
import { toPrintable } from '../base/text.ts'
import { toUnixSeconds, type UnixSeconds } from '../base/time.ts'
import { errnoOf } from './errno.ts'
import { syncDirectory } from './write-file.ts'

/** Whether anything has this name, a dangling symlink included. Throws ERR_OUTPUT_FAILED. */
export function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined
  } catch (cause) {
    throw failure('look for', path, cause)
  }
}

/**
 * Makes a directory and what is missing above it, so that they survive a power loss; one that is
 * there is left as it is.
 */
export function ensureDirectory(path: string, mode: number): void {
  if (isThere(path)) return
  try {
    const highest = mkdirSync(path, { recursive: true })
    chmodSync(path, mode)
    if (highest !== undefined) syncNames(path, highest)
  } catch (cause) {
    throw failure('make', path, cause)
  }
}

/** Of all new directories, from the lowest up. */
function syncNames(lowest: string, highest: string): void {
  syncDirectory(dirname(lowest))
  if (lowest !== highest && lowest.startsWith(highest)) syncNames(dirname(lowest), highest)
}

/** Who owns what is there of these; what cannot be looked at is somebody else's to complain about. */
export function ownersOf(...paths: readonly string[]): readonly number[] {
  return paths.flatMap((path) => {
    try {
      return lstatSync(path).uid
    } catch {
      return []
    }
  })
}

/** When content, owner or mode of a file last changed, or its name; `undefined`: it cannot be told. */
export function changedAt(path: string): UnixSeconds | undefined {
  try {
    return toUnixSeconds(Math.floor(statSync(path).ctimeMs / 1000))
  } catch {
    return undefined
  }
}

/** Device and inode; empty where nothing has this name, or nobody can look. */
export function fileIdentity(path: string): string {
  try {
    const { dev, ino } = lstatSync(path)
    return `${dev}:${ino}`
  } catch {
    return ''
  }
}

/** Whether two paths lead to the same, symlinks followed; two that lead nowhere, by their text. */
export function isSamePlace(one: string, other: string): boolean {
  if (one === other) return true
  try {
    return realpathSync(one) === realpathSync(other)
  } catch {
    return false
  }
}

/** Only root can: in a directory of the daemon's user, a file that root made would be root's alone. */
export function giveToOwnerOf(directory: string, file: string): void {
  if (process.geteuid?.() !== 0) return
  try {
    const { uid, gid } = lstatSync(directory)
    lchownSync(file, uid, gid)
  } catch (cause) {
    throw failure('give away', file, cause)
  }
}

/** Names in a directory. Throws ERR_OUTPUT_FAILED. */
export function listNames(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
  } catch (cause) {
    throw failure('read', directory, cause)
  }
}

/** Takes a file away, where it is there. Throws ERR_OUTPUT_FAILED. */
export function removeFile(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch (cause) {
    throw failure('remove', path, cause)
  }
}

/** A file that is part of this installation. Throws ERR_OUTPUT_FAILED where it is gone. */
export function readShippedFile(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw failure('read', path, cause)
  }
}

/**
 * The name that stays through an upgrade: NAME where that is a symlink to this very directory, which
 * is called NAME-VERSION; else the directory as it is.
 */
export function lastingName(directory: string, name: string): string {
  const link = join(dirname(directory), name)
  try {
    return realpathSync(link) === realpathSync(directory) ? link : directory
  } catch {
    return directory
  }
}

function failure(verb: string, path: string, cause: unknown): AppError {
  const reason = errnoOf(cause) ?? 'unknown'
  return new AppError('ERR_OUTPUT_FAILED', `cannot ${verb} ${toPrintable(path)} (${reason})`, {
    cause,
  })
}
