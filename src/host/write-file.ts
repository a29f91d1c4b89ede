import { randomBytes } from 'node:crypto'
import {
  accessSync,
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  readdirSync,
  rmSync,
  type Stats,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { AppError } from '../base/errors.ts'
import { toPrintable } from '../base/text.ts'
import { errnoOf } from './errno.ts'

/** Readable by nobody else until the wanted mode is set, whatever the umask is. */
const DRAFT_MODE = 0o600
const DRAFT_NAME = /^\.otpgate-[0-9a-f]{16}\.tmp(?:-wal|-shm|-journal)?$/
const ABANDONED_MILLISECONDS = 3_600_000
const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW

/**
 * Writes a file that is there wholly or not at all, and survives a power loss once this returns.
 * Throws ERR_OUTPUT_EXISTS where anything has that name, a dangling symlink included, and
 * ERR_OUTPUT_FAILED otherwise; then nothing is left behind.
 */
export function writeNewFile(path: string, bytes: Uint8Array | string, mode: number): void {
  buildFile(path, (draft) => {
    try {
      fillDraft(openSync(draft, NEW_FILE, DRAFT_MODE), bytes, mode)
    } catch (cause) {
      throw writeFailure(path, cause)
    }
  })
}

/**
 * The same for a file that `build` makes and syncs under the name it is given; what it returns. Its
 * own errors pass through.
 */
export function buildFile<T>(path: string, build: (draft: string) => T): T {
  const draft = join(dirname(path), `.otpgate-${randomBytes(8).toString('hex')}.tmp`)
  try {
    const result = build(draft)
    publish(draft, path)
    return result
  } finally {
    discard(draft)
  }
}

/** Where even this fails, the error that led here says more. */
function discard(draft: string): void {
  try {
    rmSync(draft, { force: true })
  } catch {
    // sweepDrafts comes back for it.
  }
}

/** Removes what a killed `writeNewFile` or `buildFile` has left in a directory of ours. */
export function sweepDrafts(directory: string): void {
  for (const entry of findDrafts(directory)) rmSync(entry, { force: true })
}

/** What a killed `writeNewFile` or `buildFile` has left in a directory of ours: paths. */
export function findDrafts(directory: string): readonly string[] {
  return readdirSync(directory)
    .filter((name) => DRAFT_NAME.test(name))
    .map((name) => join(directory, name))
    .filter((entry) => {
      // Another process that sweeps may be quicker, or the one whose draft it is.
      const stats = lstatSync(entry, { throwIfNoEntry: false })
      return stats !== undefined && isAbandoned(stats)
    })
}

/** Linked under its own name already, or so old that nobody is still writing it. */
function isAbandoned({ nlink, mtimeMs }: Stats): boolean {
  return nlink > 1 || Date.now() - mtimeMs > ABANDONED_MILLISECONDS
}

function fillDraft(fd: number, bytes: Uint8Array | string, mode: number): void {
  try {
    writeFileSync(fd, bytes)
    fchmodSync(fd, mode)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

/** By link(2) and not rename(2): only a link refuses to replace what is there. */
function publish(draft: string, path: string): void {
  try {
    linkSync(draft, path)
  } catch (cause) {
    throw writeFailure(path, cause)
  }
  try {
    syncDirectory(dirname(path))
  } catch (cause) {
    rmSync(path, { force: true })
    throw writeFailure(path, cause)
  }
}

/** A name is durable only after its directory is synced (fsync(2)). Throws as fsync does. */
export function syncDirectory(directory: string): void {
  const fd = openSync(directory, constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

function existsAlready(path: string, cause?: unknown): AppError {
  return new AppError('ERR_OUTPUT_EXISTS', `${toPrintable(path)} exists already`, {
    hint: 'choose another name, or remove the file first',
    cause,
  })
}

function writeFailure(path: string, cause: unknown): AppError {
  const errno = errnoOf(cause)
  if (errno === 'EEXIST') {
    return existsAlready(path, cause)
  }
  const reason = errno === undefined ? '' : ` (${errno})`
  return new AppError('ERR_OUTPUT_FAILED', `cannot write ${toPrintable(path)}${reason}`, { cause })
}

/**
 * Throws as `writeNewFile` would: a first look, so that nothing is begun whose result could not be
 * kept. What writes the file checks again.
 */
export function assertNewFile(path: string): void {
  try {
    if (lstatSync(path, { throwIfNoEntry: false }) === undefined) {
      accessSync(dirname(path), constants.W_OK)
      return
    }
  } catch (cause) {
    throw writeFailure(path, cause)
  }
  throw existsAlready(path)
}
