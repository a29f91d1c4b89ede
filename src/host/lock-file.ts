import { closeSync, constants, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { AppError } from '../base/errors.ts'
import { toPrintable } from '../base/text.ts'
import { errnoOf } from './errno.ts'
import { giveToOwnerOf, isThere } from './path.ts'

const LOCK_MODE = 0o600
const MAKE = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW

/** Makes an empty file for programs to lock, where there is none. Throws ERR_OUTPUT_FAILED. */
export function ensureLockFile(path: string): void {
  if (isThere(path)) return
  try {
    closeSync(openSync(path, MAKE, LOCK_MODE))
  } catch (cause) {
    const reason = errnoOf(cause) ?? 'unknown'
    throw new AppError('ERR_OUTPUT_FAILED', `cannot make ${toPrintable(path)} (${reason})`, {
      cause,
    })
  }
  giveToOwnerOf(dirname(path), path)
}
