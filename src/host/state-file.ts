import { closeSync, constants, fstatSync, openSync } from 'node:fs'
import { AppError } from '../base/errors.ts'
import { toPrintable } from '../base/text.ts'
import { errnoOf } from './errno.ts'
import { trustedOwners } from './file-mode.ts'
import { readBounded } from './read-bounded.ts'
import { findFileFlaw, findUntrustedParent } from './trusted-path.ts'

/**
 * The bytes of a file by which root acts later on; `undefined`: it is not there. Throws ERR_SETUP_STATE
 * where others than its owner could have written it or may read it, and for more than `limit` bytes.
 */
export function readStateFile(path: string, limit: number): Buffer | undefined {
  try {
    const flaw = findUntrustedParent(path, trustedOwners())
    if (flaw !== undefined) throw notTrusted(path, flaw)
    return readChecked(path, limit)
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    const errno = errnoOf(cause)
    if (errno === 'ENOENT') return undefined
    const what = `cannot read ${toPrintable(path)} (${errno ?? 'unknown'})`
    throw new AppError('ERR_SETUP_STATE', what, { cause })
  }
}

function readChecked(path: string, limit: number): Buffer {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const demands = { owners: trustedOwners(), readers: 'nobody' } as const
    const flaw = findFileFlaw(path, fstatSync(fd), demands)
    if (flaw !== undefined) throw notTrusted(path, flaw)
    const bytes = readBounded(fd, limit + 1)
    if (bytes.length <= limit) return bytes
    throw notTrusted(path, `it has more than ${limit} bytes`)
  } finally {
    closeSync(fd)
  }
}

function notTrusted(path: string, flaw: string): AppError {
  return new AppError('ERR_SETUP_STATE', `${toPrintable(path)} is not trusted: ${flaw}`, {
    hint: 'check owner and mode of the file and of every directory above it',
  })
}
