import { join } from 'node:path'
import { ifPossible } from '../../base/errors.ts'
import { withFileLock } from '../../host/file-lock.ts'
import { ensureDirectory, removeFile } from '../../host/path.ts'
import { findOwnProcess, type ProcessMark } from '../../host/process-mark.ts'
import { findMarked, type MarkPlaces, writeMark } from './mark-file.ts'

const LOCK_NAME = 'lock'
const HOLDER_NAME = 'holder'
const DIRECTORY_MODE = 0o700

/**
 * Runs `act` while no other process changes the host by set-up, nor says that it is done: so that what
 * is confirmed is not taken back in the same moment. Throws ERR_SETUP_STATE.
 */
export function withSetupLock<T>(places: MarkPlaces, act: () => Promise<T>): Promise<T> {
  const { stateDirectory, procDirectory } = places
  ensureDirectory(stateDirectory, DIRECTORY_MODE)
  return withFileLock(join(stateDirectory, LOCK_NAME), async () => {
    // A full disk, above all, must not keep a way back from being gone.
    ifPossible(() => writeMark(places, HOLDER_NAME, findOwnProcess(procDirectory)))
    try {
      return await act()
    } finally {
      ifPossible(() => removeFile(join(stateDirectory, HOLDER_NAME)))
    }
  })
}

/** Who is at work now; `undefined`: nobody is. Throws ERR_SETUP_STATE. */
export function findLockHolder(places: MarkPlaces): ProcessMark | undefined {
  return findMarked(places, HOLDER_NAME)
}
