import { basename, dirname, join } from 'node:path'
import { installFile, moveFile, removeDraft, uninstallFile } from '../../host/install-file.ts'
import { removeFile } from '../../host/path.ts'
import type { ChangedFile } from './journal.ts'
import { lookAtFile, readOriginal } from './original.ts'
import type { SetupPlaces } from './places.ts'

/** Behind a dot: no pattern of sshd's Include means it, and no PAM service is called so. */
const SPARE_SUFFIX = '.otpgate-original'

type StatePlace = Pick<SetupPlaces, 'stateDirectory'>

/**
 * Lays each original beside its file, ready to be renamed: the way back then takes no room, on a disk
 * that has become full. Throws ERR_OUTPUT_FAILED, ERR_SETUP_STATE.
 */
export function laySpares(places: StatePlace, files: readonly ChangedFile[]): void {
  for (const file of files) {
    const { path, original } = file
    if (original !== undefined) installFile(sparePath(path), readOriginal(places, file), original)
  }
}

/** For what stays: by then an admin takes it back, who can see to a full disk. */
export function removeSpares(files: readonly ChangedFile[]): void {
  for (const { path } of files) removeFile(sparePath(path))
}

/** Throws ERR_SETUP_STATE where a file has to go back, and what it was is lost. */
export function assertRestorable(places: StatePlace, file: ChangedFile): void {
  if (file.original !== undefined && !hasSpare(file)) readOriginal(places, file)
}

/**
 * Puts a file back as it was, whatever is there by now. Safe to repeat. Throws ERR_OUTPUT_FAILED,
 * ERR_REFUSED, ERR_SETUP_STATE.
 */
export function restoreFile(places: StatePlace, file: ChangedFile): void {
  const { path, original } = file
  removeDraft(path)
  if (lookAtFile(file) !== 'original') {
    if (original === undefined) uninstallFile(path)
    else if (hasSpare(file)) moveFile(sparePath(path), path)
    else installFile(path, readOriginal(places, file), original)
  }
  removeFile(sparePath(path))
}

/** It is looked at like any other file of the host: somebody may have changed this one. */
function hasSpare(file: ChangedFile): boolean {
  return lookAtFile({ ...file, path: sparePath(file.path) }) === 'original'
}

function sparePath(path: string): string {
  return join(dirname(path), `.${basename(path)}${SPARE_SUFFIX}`)
}
