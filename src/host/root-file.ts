import { createHash } from 'node:crypto'
import { closeSync, constants, fstatSync, openSync } from 'node:fs'
import { AppError } from '../base/errors.ts'
import { toPrintable } from '../base/text.ts'
import { errnoOf } from './errno.ts'
import { trustedOwners } from './file-mode.ts'
import type { FileOwnership } from './install-file.ts'
import { readBounded } from './read-bounded.ts'
import { findUntrustedParent } from './trusted-path.ts'

/** Far more than any file below /etc/pam.d or sshd_config.d. */
const LIMIT_BYTES = 1_048_576
const PERMISSIONS = 0o7777

/** A file of the host, as it was at one moment. */
export interface RootFile extends FileOwnership {
  readonly bytes: Buffer
  /** Lower-case hex. */
  readonly sha256: string
}

/**
 * Reads a file that set-up is to change; `undefined`: it is not there. Throws ERR_REFUSED for what is no
 * regular file, a symlink included, and where others than root could put another in its place.
 */
export function readRootFile(path: string): RootFile | undefined {
  try {
    const flaw = findUntrustedParent(path, trustedOwners())
    if (flaw !== undefined) throw refused(path, flaw)
    return readRegular(path)
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    const errno = errnoOf(cause)
    if (errno === 'ENOENT') return undefined
    if (errno === 'ELOOP') throw refused(path, 'it is a symlink')
    throw refused(path, `it cannot be read (${errno ?? 'unknown'})`, cause)
  }
}

/** The sha256 of some bytes, in lower-case hex. */
export function hashOf(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function readRegular(path: string): RootFile {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const { mode, uid, gid, ...stats } = fstatSync(fd)
    if ((mode & constants.S_IFMT) !== constants.S_IFREG)
      throw refused(path, 'it is no regular file')
    if (stats.size > LIMIT_BYTES) throw refused(path, `it has more than ${LIMIT_BYTES} bytes`)
    const bytes = readBounded(fd, LIMIT_BYTES)
    return { bytes, sha256: hashOf(bytes), mode: mode & PERMISSIONS, uid, gid }
  } finally {
    closeSync(fd)
  }
}

function refused(path: string, flaw: string, cause?: unknown): AppError {
  return new AppError('ERR_REFUSED', `${toPrintable(path)} is not set-up's to change: ${flaw}`, {
    hint: 'put it right first, or set up by hand: see README.md',
    cause,
  })
}
