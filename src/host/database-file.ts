import { randomBytes } from 'node:crypto'
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { AppError } from '../base/errors.ts'
import { toPrintable } from '../base/text.ts'
import { findDiskRoom } from './disk-room.ts'
import { errnoOf } from './errno.ts'
import { isThere, removeFile } from './path.ts'
import { readSome } from './read-bounded.ts'
import { findFileFlaw, findOpenDirectory, findUntrustedParent } from './trusted-path.ts'
import { syncDirectory } from './write-file.ts'

const PRIVATE_MODE = 0o600
const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
const READ_PLAIN = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
const CHUNK_BYTES = 1_048_576
const KEPT_TAIL = '.replaced-'
/** Section 1.2 of sqlite.org/fileformat2.html. */
const SQLITE_MAGIC = Buffer.from('SQLite format 3\0', 'latin1')
const COMPANIONS = ['-wal', '-shm', '-journal'] as const
/** Between opening a database and looking for its log a program takes far less. */
const SETTLE_MILLISECONDS = 100

/** An empty file of one's own, for SQLite to fill: it would give a new one the mode of the umask. */
export function makePrivateFile(path: string): void {
  guarded('write', path, () => closeSync(openSync(path, NEW_FILE, PRIVATE_MODE)))
}

/**
 * Throws ERR_OUTPUT_FAILED where somebody else than the owners could put a file beside `path`: SQLite takes
 * what is named like a journal of a database for one, whoever made it.
 */
export function assertPrivatePlace(path: string, owners: readonly number[]): void {
  const flaw = guarded('look for', path, () => {
    return findUntrustedParent(path, owners) ?? findOpenDirectory(path)
  })
  if (flaw === undefined) return
  throw new AppError('ERR_OUTPUT_FAILED', `no place for a backup: ${flaw}`, {
    hint: 'choose a directory that only you can write, such as one made with: install -d -m 700 DIR',
  })
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

/** Where a backup is copied to, and who may own it beside whom the database may belong to. */
export interface CopyTerms {
  readonly directory: string
  readonly owners: readonly number[]
}

/**
 * Copies a backup into `directory`, to be worked on there; the path of the copy, which a later run
 * sweeps away where this one is killed. Whoever could write the backup decides who gets in, so it has
 * to be as well kept as the database: throws ERR_STORE_PERMISSION, ERR_STORE_MISSING, ERR_STORE_FULL, and
 * ERR_STORE_CORRUPT where it is none or a part of it is in a log beside it.
 */
export function copyBackup(path: string, { directory, owners }: CopyTerms): string {
  const copy = join(directory, `.otpgate-${randomBytes(8).toString('hex')}.tmp`)
  const from = openTrusted(path, owners)
  try {
    assertNoLog(path)
    assertDatabase(from)
    assertRoom(from, directory)
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
    const kept = `${path}${KEPT_TAIL}${number}`
    if (['', ...COMPANIONS].every((tail) => !isThere(kept + tail))) return kept
  }
}

/** What was moved or copied to such a name last; `undefined`: there is nothing. */
export function newestKeptName(path: string): string | undefined {
  const start = `${basename(path)}${KEPT_TAIL}`
  const isKept = (name: string) => name.startsWith(start) && /^\d+$/.test(name.slice(start.length))
  const found = readdirSync(dirname(path))
    .filter(isKept)
    .map((name) => join(dirname(path), name))
    // A name that is given changes the inode (inode(7)), and so does a checkpoint into an older one.
    .map((kept) => ({ kept, at: lstatSync(kept).ctimeMs }))
  return found.toSorted((a, b) => b.at - a.at)[0]?.kept
}

/**
 * Gives a database another name, with its log, where it is there: a log that stays would be taken for that
 * of the next file of this name. The file goes first, so that nothing opens it without its log; and who had
 * opened it before may make one more log a moment later, which goes as well. What is returned moves it back.
 */
export function moveDatabaseAside(path: string, kept: string): () => void {
  const moveBack = () =>
    guarded('rename', kept, () => {
      for (const tail of [...COMPANIONS, '']) relinkIfThere(kept + tail, path + tail)
      syncDirectory(dirname(path))
    })
  try {
    guarded('rename', path, () => {
      for (const tail of ['', ...COMPANIONS]) relinkIfThere(path + tail, kept + tail)
      syncDirectory(dirname(path))
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, SETTLE_MILLISECONDS)
      for (const tail of COMPANIONS) relinkIfThere(path + tail, `${kept}-late${tail}`)
    })
  } catch (error) {
    moveBack()
    throw error
  }
  return moveBack
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

function openTrusted(path: string, owners: readonly number[]): number {
  try {
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
  for (const log of [`${path}-wal`, `${path}-journal`]) {
    const stats = lstatSync(log, { throwIfNoEntry: false })
    if (stats === undefined || stats.size === 0) continue
    throw new AppError('ERR_STORE_CORRUPT', `a part of the backup is in ${toPrintable(log)}`, {
      hint: `a copy of files in use; to join the two: sqlite3 ${toPrintable(path)} 'PRAGMA wal_checkpoint(TRUNCATE)'`,
    })
  }
}

/** A look at the first bytes, before gigabytes of something else are copied. */
function assertDatabase(fd: number): void {
  const head = Buffer.alloc(SQLITE_MAGIC.length)
  readSync(fd, head, 0, head.length, 0)
  if (head.equals(SQLITE_MAGIC)) return
  throw new AppError(
    'ERR_STORE_CORRUPT',
    'the backup is of no use: the file is not an otpgate database',
    {
      hint: 'take another one; nothing was changed',
    },
  )
}

function assertRoom(fd: number, directory: string): void {
  const { size } = fstatSync(fd)
  const room = findDiskRoom(directory)
  if (room === undefined || size < room.freeBytes) return
  const where = toPrintable(directory)
  throw new AppError('ERR_STORE_FULL', `no space left for a copy of the backup in ${where}`, {
    hint: `it takes ${size} bytes, and ${room.freeBytes} are free; nothing was changed`,
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
