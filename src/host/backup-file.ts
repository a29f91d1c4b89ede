import { randomBytes } from 'node:crypto'
import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { AppError } from '../base/errors.ts'
import { toPrintable } from '../base/text.ts'
import { openPrivate, removeDatabase } from './database-file.ts'
import { findDiskRoom } from './disk-room.ts'
import { errnoOf } from './errno.ts'
import { doFile } from './file-failure.ts'
import { readSome } from './read-bounded.ts'
import { findFileFlaw, findOpenDirectory, findUntrustedParent } from './trusted-path.ts'

const READ_PLAIN = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
const CHUNK_BYTES = 1_048_576
/** Section 1.2 of sqlite.org/fileformat2.html. */
const SQLITE_MAGIC = Buffer.from('SQLite format 3\0', 'latin1')

/**
 * Throws ERR_OUTPUT_FAILED where somebody else than the owners could put a file beside `path`: SQLite takes
 * what is named like a journal of a database for one, whoever made it.
 */
export function assertPrivatePlace(path: string, owners: readonly number[]): void {
  const flaw = doFile('look for', path, () => {
    return findUntrustedParent(path, owners) ?? findOpenDirectory(path)
  })
  if (flaw === undefined) return
  throw new AppError('ERR_OUTPUT_FAILED', `no place for a backup: ${flaw}`, {
    hint: 'choose a directory that only you can write, such as one made with: install -d -m 700 DIR',
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
    const to = doFile('write', copy, () => openPrivate(copy))
    try {
      doFile('write', copy, () => copyBytes(from, to))
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
