import { randomBytes } from 'node:crypto'
import {
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  lstatSync,
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

const DRAFT_MODE = 0o600
const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW

/**
 * Writes a file that others read at any time: they find all of the old one or all of the new one. Its
 * draft lies beside it, with a name that begins with a dot. Throws ERR_OUTPUT_FAILED, also where what
 * has the name is no regular file: a rename would put an end to it, /dev/stdout for one.
 */
export function replaceFile(path: string, text: string, mode: number): void {
  const draft = join(dirname(path), `.otpgate-${randomBytes(8).toString('hex')}.tmp`)
  try {
    assertReplaceable(path)
    fillDraft(draft, text, mode)
    renameSync(draft, path)
    syncDirectory(dirname(path))
  } catch (cause) {
    rmSync(draft, { force: true })
    if (cause instanceof AppError) throw cause
    const what = `cannot write ${toPrintable(path)} (${errnoOf(cause) ?? 'unknown'})`
    throw new AppError('ERR_OUTPUT_FAILED', what, { cause })
  }
}

function assertReplaceable(path: string): void {
  const entry = lstatSync(path, { throwIfNoEntry: false })
  if (entry === undefined || entry.isFile()) return
  throw new AppError('ERR_OUTPUT_FAILED', `${toPrintable(path)} is there and no regular file`, {
    hint: 'name a file that may be replaced',
  })
}

function fillDraft(draft: string, text: string, mode: number): void {
  const fd = openSync(draft, NEW_FILE, DRAFT_MODE)
  try {
    writeFileSync(fd, text)
    fchmodSync(fd, mode)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
