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
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { AppError } from '../base/errors.ts'
import { toPrintable } from '../base/text.ts'
import { errnoOf } from './errno.ts'

/** Readable by nobody else until the wanted mode is set, whatever the umask is. */
const DRAFT_MODE = 0o600
const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW

/**
 * Writes a file that is there wholly or not at all, and survives a power loss once this returns.
 * Throws ERR_OUTPUT_EXISTS where anything has that name, a dangling symlink included, and
 * ERR_OUTPUT_FAILED otherwise; then nothing is left behind.
 */
export function writeNewFile(path: string, bytes: Uint8Array | string, mode: number): void {
  const draft = join(dirname(path), `.otpgate-${randomBytes(8).toString('hex')}.tmp`)
  try {
    const fd = openSync(draft, NEW_FILE, DRAFT_MODE)
    try {
      fillDraft(fd, bytes, mode)
      publish(draft, path)
    } finally {
      rmSync(draft, { force: true })
    }
  } catch (cause) {
    throw writeFailure(path, cause)
  }
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
  linkSync(draft, path)
  try {
    syncDirectory(dirname(path))
  } catch (error) {
    rmSync(path, { force: true })
    throw error
  }
}

/** The name itself is durable only after its directory is synced (fsync(2)). */
function syncDirectory(directory: string): void {
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
