import { join } from 'node:path'
import { AppError } from '../../base/errors.ts'
import { toPrintable } from '../../base/text.ts'
import { installFile } from '../../host/install-file.ts'
import { findOddEntry } from '../../host/odd-entry.ts'
import { listNames, removeFile } from '../../host/path.ts'
import { hashOf, type RootFile, readRootFile } from '../../host/root-file.ts'
import { readStateFile } from '../../host/state-file.ts'
import type { ChangedFile, FileState } from './journal.ts'
import type { SetupPlaces } from './places.ts'

/** Of every copy's name. */
export const COPY_SUFFIX = '.original'
const COPY_MODE = 0o600
const COPY_LIMIT_BYTES = 1_048_576

type StatePlace = Pick<SetupPlaces, 'stateDirectory'>

/** What a file of the journal is by now. */
export type FileNow = 'original' | 'installed' | 'changed'

/** Keeps an original, synced. Throws ERR_OUTPUT_FAILED. */
export function keepOriginal(
  { stateDirectory }: StatePlace,
  copy: string,
  { bytes }: RootFile,
): void {
  installFile(join(stateDirectory, copy), bytes, { mode: COPY_MODE, uid: 0, gid: 0 })
}

/** Removes what earlier set-ups have kept. Throws ERR_OUTPUT_FAILED. */
export function sweepOriginals(
  { stateDirectory }: StatePlace,
  files: readonly ChangedFile[],
): void {
  const kept = files.map(({ copy }) => copy)
  for (const name of listNames(stateDirectory)) {
    if (name.endsWith(COPY_SUFFIX) && !kept.includes(name)) removeFile(join(stateDirectory, name))
  }
}

/** The kept original. Throws ERR_SETUP_STATE where it is not what was kept. */
export function readOriginal({ stateDirectory }: StatePlace, file: ChangedFile): Buffer {
  const path = copyPath({ stateDirectory }, file)
  const bytes = readStateFile(path, COPY_LIMIT_BYTES)
  if (bytes !== undefined && hashOf(bytes) === file.original?.sha256) return bytes
  throw new AppError('ERR_SETUP_STATE', `${toPrintable(path)} is not what was kept there`, {
    hint: `put ${toPrintable(file.path)} back by hand, from a backup`,
  })
}

/** Where it lies. */
export function copyPath({ stateDirectory }: StatePlace, { copy = '' }: ChangedFile): string {
  return join(stateDirectory, copy)
}

/**
 * `changed` is also what is no file any more, a symlink for one. Throws ERR_REFUSED where it cannot be
 * looked at, or others than root could put another in its place.
 */
export function lookAtFile(file: ChangedFile): FileNow {
  if (findOddEntry(file.path) !== undefined) return 'changed'
  const now = readRootFile(file.path)
  if (isSame(now, file.original)) return 'original'
  return isSame(now, file.installed) ? 'installed' : 'changed'
}

/** Mode and owner are part of what is looked at: somebody may have meant to change just these. */
function isSame(now: RootFile | undefined, then: FileState | undefined): boolean {
  if (now === undefined || then === undefined) return now === then
  return (
    now.sha256 === then.sha256 &&
    now.mode === then.mode &&
    now.uid === then.uid &&
    now.gid === then.gid
  )
}
