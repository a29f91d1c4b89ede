import { join } from 'node:path'
import { AppError } from '../../base/errors.ts'
import { removeFile } from '../../host/path.ts'
import type { ProcessMark } from '../../host/process-mark.ts'
import { findMarked, type MarkPlaces, writeMark } from './mark-file.ts'

const MARK_NAME = 'watcher'

/** Says that this process watches from now on; on a full disk it watches unsaid. */
export function markWatcher(places: MarkPlaces, mark: ProcessMark): void {
  try {
    writeMark(places, MARK_NAME, mark)
  } catch (error) {
    if (!(error instanceof AppError)) throw error
  }
}

/** Until another one says that it watches, none does. Throws ERR_OUTPUT_FAILED. */
export function forgetWatcher({ stateDirectory }: MarkPlaces): void {
  removeFile(join(stateDirectory, MARK_NAME))
}

/** The process that watches; `undefined`: none does. Throws ERR_SETUP_STATE. */
export function findWatcher(places: MarkPlaces): ProcessMark | undefined {
  return findMarked(places, MARK_NAME)
}
