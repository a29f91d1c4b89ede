import { lstatSync, readlinkSync, renameSync, symlinkSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { AppError } from '../../base/errors.ts'
import { toPrintable } from '../../base/text.ts'
import { errnoOf } from '../../host/errno.ts'
import { installFile } from '../../host/install-file.ts'
import { isThere } from '../../host/path.ts'
import { hashOf, readRootFile } from '../../host/root-file.ts'
import type { ChangedFile } from './journal.ts'
import type { SetupPlaces } from './places.ts'

const KEPT_SUFFIX = '.kept'
const KEPT_MODE = 0o600
const HASH_LENGTH = 12

/**
 * Keeps what somebody has made of a file, in the state directory: beside it sshd might read it, by an
 * `Include` for every name. The path of what is kept; none where nothing is there. A symlink is kept as
 * one, by its whole target; anything else that is no file is moved away. Throws ERR_OUTPUT_FAILED.
 */
export function keepChanged(
  { stateDirectory }: Pick<SetupPlaces, 'stateDirectory'>,
  { role, path }: ChangedFile,
): readonly string[] {
  const keptAs = (what: Uint8Array | string) =>
    join(stateDirectory, `${role}-${hashOf(what).slice(0, HASH_LENGTH)}${KEPT_SUFFIX}`)
  const entry = lstatSync(path, { throwIfNoEntry: false })
  if (entry === undefined) return []
  if (entry.isFile()) {
    const now = readRootFile(path)
    if (now === undefined) return []
    const kept = keptAs(now.bytes)
    installFile(kept, now.bytes, { mode: KEPT_MODE, uid: 0, gid: 0 })
    return [kept]
  }
  const isLink = entry.isSymbolicLink()
  const target = isLink ? resolve(dirname(path), readlinkSync(path)) : ''
  const kept = keptAs(isLink ? target : `${entry.dev}:${entry.ino}`)
  keepOther(path, kept, isLink ? target : undefined)
  return [kept]
}

function keepOther(path: string, kept: string, target: string | undefined): void {
  try {
    if (target === undefined) renameSync(path, kept)
    else if (!isThere(kept)) symlinkSync(target, kept)
  } catch (cause) {
    const what = `cannot move ${toPrintable(path)} to ${kept} (${errnoOf(cause) ?? 'unknown'})`
    throw new AppError('ERR_OUTPUT_FAILED', what, { hint: 'move it away by hand first', cause })
  }
}
