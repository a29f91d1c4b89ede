import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { AppError } from '../base/errors.ts'
import { toPrintable } from '../base/text.ts'
import { errnoOf } from './errno.ts'
import { syncDirectory } from './write-file.ts'

/** One in a directory, and always the same: whoever finds it after a kill knows whose it is. */
const DRAFT_NAME = '.otpgate-setup.tmp'
const DRAFT_MODE = 0o600
const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW

/** Who owns a file, and who may do what with it. */
export interface FileOwnership {
  readonly mode: number
  readonly uid: number
  readonly gid: number
}

/**
 * Puts a file in the place of what has its name: others find all of the old one or all of the new one,
 * and it survives a power loss once this returns. One caller at a time. Throws ERR_OUTPUT_FAILED.
 */
export function installFile(
  path: string,
  bytes: Uint8Array | string,
  ownership: FileOwnership,
): void {
  const draft = draftOf(path)
  try {
    rmSync(draft, { force: true })
    fillDraft(draft, bytes, ownership)
    renameSync(draft, path)
    syncDirectory(dirname(path))
  } catch (cause) {
    rmSync(draft, { force: true })
    throw failure('write', path, cause)
  }
}

/**
 * Gives a file of the same directory another name, in the place of what has that, so that it survives
 * a power loss. Takes no room. Throws ERR_OUTPUT_FAILED.
 */
export function moveFile(from: string, to: string): void {
  try {
    renameSync(from, to)
    syncDirectory(dirname(to))
  } catch (cause) {
    throw failure('write', to, cause)
  }
}

/** Takes a file away, so that it stays away after a power loss. Throws ERR_OUTPUT_FAILED. */
export function uninstallFile(path: string): void {
  try {
    rmSync(path, { force: true })
    syncDirectory(dirname(path))
  } catch (cause) {
    // Without its directory it is away as well.
    if (errnoOf(cause) !== 'ENOENT') throw failure('remove', path, cause)
  }
}

/** What a killed `installFile` has left beside `path`. */
export function removeDraft(path: string): void {
  rmSync(draftOf(path), { force: true })
}

function draftOf(path: string): string {
  return join(dirname(path), DRAFT_NAME)
}

function fillDraft(draft: string, bytes: Uint8Array | string, ownership: FileOwnership): void {
  const fd = openSync(draft, NEW_FILE, DRAFT_MODE)
  try {
    writeFileSync(fd, bytes)
    fchownSync(fd, ownership.uid, ownership.gid)
    fchmodSync(fd, ownership.mode)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

function failure(verb: string, path: string, cause: unknown): AppError {
  const reason = errnoOf(cause) ?? 'unknown'
  return new AppError('ERR_OUTPUT_FAILED', `cannot ${verb} ${toPrintable(path)} (${reason})`, {
    cause,
  })
}
