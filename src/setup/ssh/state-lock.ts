import { join } from 'node:path'
import { withFileLock } from '../../host/file-lock.ts'
import { ensureDirectory } from '../../host/path.ts'
import type { SetupPlaces } from './places.ts'

const LOCK_NAME = 'lock'
const DIRECTORY_MODE = 0o700

/**
 * Runs `act` while no other process changes the host by set-up, nor says that it is done: so that what
 * is confirmed is not taken back in the same moment. Throws ERR_SETUP_STATE.
 */
export function withSetupLock<T>(
  { stateDirectory }: Pick<SetupPlaces, 'stateDirectory'>,
  act: () => Promise<T>,
): Promise<T> {
  ensureDirectory(stateDirectory, DIRECTORY_MODE)
  return withFileLock(join(stateDirectory, LOCK_NAME), act)
}
