import { randomBytes } from 'node:crypto'
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { AppError } from '../base/errors.ts'
import { toPrintable } from '../base/text.ts'
import { errnoOf } from './errno.ts'
import { trustedOwners } from './file-mode.ts'
import { isThere, removeFile } from './path.ts'
import { readSome } from './read-bounded.ts'
import { findFileFlaw, findUntrustedParent } from './trusted-path.ts'
import { syncDirectory } from './write-file.ts'

const PRIVATE_MODE = 0o600
const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
const READ_PLAIN = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
const CHUNK_BYTES = 1_048_576
const COMPANIONS = ['-wal', '-shm', '-journal'] as const
/** Between opening a database and looking for its log a program takes far less. */
const SETTLE_MILLISECONDS = 100

/** An empty file of one's own, for SQLite to fill: it would give a new one the mode of the umask. */
export function makePrivateFile(path: string): void {
  guarded('write', path, () => closeSync(openSync(path, NEW_FILE, PRIVATE_MODE)))
}

/** SQLite syncs no file that VACUUM INTO has made. Throws ERR_OUTPUT_FAILED. */
export function syncFile(path: string): void {
  guarded('write', path, () => {
    const fd = openSync(path, constants.O_RDONLY)
    try {
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
  })
}

/**
 * Copies a backup into `directory`, to be worked on there; the path of the copy, which a later run
 * sweeps away where this one is killed. Whoever could write the backup decides who gets in, so it has
 * to be as well kept as the database: throws ERR_STORE_PERMISSION, ERR_STORE_MISSING, and
 * ERR_STORE_CORRUPT where a part of it is in a log beside it.
 */
export function copyBackup(path: string, directory: string): string {
  const copy = join(directory, `.otpgate-${randomBytes(8).toString('hex')}.tmp`)
  const from = openTrusted(path)
  try {
    assertNoLog(path)
    const to = guarded('write', copy, () => openSync(copy, NEW_FILE, PRIVATE_MODE))
    try {
      guarded('write', copy, () => copyBytes(from, to))
    } finally {
      closeSync(to)
    }
    return copy
  } catch (error) {
    removeDatabase(copy)
    throw error
  } finally {
    closeSync(from)
  }
}

/** A database that is a draft, with what SQLite keeps beside it. */
export function removeDatabase(path: string): void {
  for (const tail of ['', ...COMPANIONS]) removeFile(path + tail)
}

/** The first name of the form `PATH.replaced-N` that nothing has, nor anything of SQLite's beside it. */
export function nextKeptName(path: string): string {
  for (let number = 1; ; number++) {
    const kept = `${path}.replaced-${number}`
    if (['', ...COMPANIONS].every((tail) => !isThere(kept + tail))) return kept
  }
}

/**
 * Gives a file that no program can use as a database another name, with its log: a log that stays would
 * be taken for that of the next file of this name. The file goes first, so that nothing opens it without
 * its log; and who had opened it before may make one more log a moment later, which goes as well.
 */
export function moveDatabaseAside(path: string, kept: string): void {
  guarded('rename', path, () => {
    for (const tail of ['', ...COMPANIONS]) relinkIfThere(path + tail, kept + tail)
    syncDirectory(dirname(path))
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, SETTLE_MILLISECONDS)
    for (const tail of COMPANIONS) relinkIfThere(path + tail, `${kept}-late${tail}`)
  })
}

/** By link(2), which replaces nothing. Throws ERR_OUTPUT_FAILED. */
export function moveFile(from: string, to: string): void {
  guarded('rename', from, () => relink(from, to))
}

/** Owner and permission bits of a file. Throws ERR_OUTPUT_FAILED. */
export function describeMode(path: string): { readonly uid: number; readonly mode: string } {
  const { uid, mode } = guarded('look for', path, () => statSync(path))
  return { uid, mode: (mode & 0o7777).toString(8).padStart(4, '0') }
}

function relinkIfThere(from: string, to: string): void {
  if (isThere(from)) relink(from, to)
}

function relink(from: string, to: string): void {
  linkSync(from, to)
  unlinkSync(from)
}

function copyBytes(from: number, to: number): void {
  const chunk = Buffer.alloc(CHUNK_BYTES)
  for (let length = readSome(from, chunk); length > 0; length = readSome(from, chunk)) {
    for (let done = 0; done < length; ) done += writeSync(to, chunk, done, length - done)
  }
}

function openTrusted(path: string): number {
  try {
    const owners = trustedOwners()
    const parent = findUntrustedParent(path, owners)
    if (parent !== undefined) throw untrusted(parent)
    const fd = openSync(path, READ_PLAIN)
    const flaw = findFileFlaw(path, fstatSync(fd), { owners, readers: 'all' })
    if (flaw === undefined) return fd
    closeSync(fd)
    throw untrusted(flaw)
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    const errno = errnoOf(cause)
    const code = errno === 'ENOENT' ? 'ERR_STORE_MISSING' : 'ERR_STORE_PERMISSION'
    const what = errno === 'ENOENT' ? 'does not exist' : `cannot be read (${errno})`
    throw new AppError(code, `the backup ${toPrintable(path)} ${what}`, { cause })
  }
}

function untrusted(flaw: string): AppError {
  return new AppError('ERR_STORE_PERMISSION', `the backup is not trusted: ${flaw}`, {
    hint: 'whoever can write it decides who gets in: check that it is yours, then chown and chmod it',
  })
}

function assertNoLog(path: string): void {
  const stats = lstatSync(`${path}-wal`, { throwIfNoEntry: false })
  if (stats === undefined || stats.size === 0) return
  throw new AppError('ERR_STORE_CORRUPT', `a part of the backup is in ${toPrintable(path)}-wal`, {
    hint: `a copy of files in use; to join the two: sqlite3 ${toPrintable(path)} 'PRAGMA wal_checkpoint(TRUNCATE)'`,
  })
}

function guarded<T>(verb: string, path: string, act: () => T): T {
  try {
    return act()
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    const reason = errnoOf(cause) ?? 'unknown'
    throw new AppError('ERR_OUTPUT_FAILED', `cannot ${verb} ${toPrintable(path)} (${reason})`, {
      cause,
    })
  }
}
