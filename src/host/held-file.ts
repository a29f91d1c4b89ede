import { closeSync, constants, fstatSync, openSync, type Stats } from 'node:fs'
import { AppError } from '../base/errors.ts'
import { toPrintable } from '../base/text.ts'
import { errnoOf } from './errno.ts'
import { trustedOwners } from './file-mode.ts'
import { lockOpenFile } from './flock.ts'
import { fileIdentity, removeFile } from './path.ts'

const LOCK_MODE = 0o600
const MOST_OPENS = 100
/** O_NONBLOCK: to open a FIFO would wait for somebody to write. */
const LOOK = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
/** O_EXCL: nothing is made through a symlink, and nothing that is there is taken for new. */
const MAKE = LOOK | constants.O_CREAT | constants.O_EXCL

/** A lock that is held until `release`, or the end of the process, however that comes. */
export interface HeldFile {
  readonly release: () => void
}

/**
 * Holds a lock by the name of a file, which is made empty where there is none, and taken away at the
 * end. `undefined`: another process holds it. The directory may be somebody else's: what has this name
 * is neither followed, nor written, nor believed unless it is an empty name of ours. Throws ERR_REFUSED
 * where it is something else, ERR_OUTPUT_FAILED where none can be made.
 */
export function holdFile(path: string): HeldFile | undefined {
  for (;;) {
    const fd = openOwn(path)
    if (!isLocked(fd, path)) {
      closeSync(fd)
      return undefined
    }
    // The one before takes the name away: then this is the lock of nothing.
    if (fileIdentity(path) === identityOf(fstatSync(fd))) {
      return { release: () => letGo(path, fd) }
    }
    closeSync(fd)
  }
}

function letGo(path: string, fd: number): void {
  try {
    removeFile(path)
  } finally {
    closeSync(fd)
  }
}

function openOwn(path: string): number {
  const fd = openOrMake(path)
  const flaw = findFlaw(fstatSync(fd))
  if (flaw === undefined) return fd
  closeSync(fd)
  throw notOurs(path, flaw)
}

function openOrMake(path: string): number {
  for (let left = MOST_OPENS; left > 0; left--) {
    const fd = tryOpen(path, LOOK, 'ENOENT') ?? tryOpen(path, MAKE, 'EEXIST')
    // Neither there nor to be made: it came, or went, in between.
    if (fd !== undefined) return fd
  }
  throw notOurs(path, 'it comes and goes')
}

function tryOpen(path: string, flags: number, expected: string): number | undefined {
  try {
    return openSync(path, flags, LOCK_MODE)
  } catch (cause) {
    const reason = errnoOf(cause) ?? 'unknown'
    if (reason === expected) return undefined
    if (reason === 'ELOOP') throw notOurs(path, 'it is a symlink')
    if (reason === 'ENXIO') throw notOurs(path, 'it is not a plain file')
    throw new AppError('ERR_OUTPUT_FAILED', `cannot make ${toPrintable(path)} (${reason})`, {
      cause,
    })
  }
}

function findFlaw(stats: Stats): string | undefined {
  if (!stats.isFile()) return 'it is not a plain file'
  if (!trustedOwners().includes(stats.uid)) return `it belongs to uid ${stats.uid}`
  // A name more for a file of ours that is something else.
  return stats.nlink > 1 ? 'it has other names' : undefined
}

function isLocked(fd: number, path: string): boolean {
  try {
    return lockOpenFile(fd, path)
  } catch (error) {
    closeSync(fd)
    throw error
  }
}

function notOurs(path: string, flaw: string): AppError {
  const shown = toPrintable(path)
  return new AppError('ERR_REFUSED', `${shown} is no lock of otpgate: ${flaw}`, {
    hint: `nothing was begun. See who made it, and take it away: ls -ld ${shown}`,
  })
}

function identityOf({ dev, ino }: Stats): string {
  return `${dev}:${ino}`
}
