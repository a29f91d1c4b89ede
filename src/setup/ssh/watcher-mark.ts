import { join } from 'node:path'
import { AppError } from '../../base/errors.ts'
import { removeFile } from '../../host/path.ts'
import { isRunning, type ProcessMark } from '../../host/process-mark.ts'
import { replaceFile } from '../../host/replace-file.ts'
import { readStateFile } from '../../host/state-file.ts'
import type { SetupPlaces } from './places.ts'

const MARK_NAME = 'watcher'
const MARK_MODE = 0o600
const LIMIT_BYTES = 100
/** `PID START`, in decimal. */
const MARK = /^(\d{1,10}) (\d{1,20})\n$/

type MarkPlaces = Pick<SetupPlaces, 'stateDirectory' | 'procDirectory'>

/** Says that this process watches from now on; on a full disk it watches unsaid. */
export function markWatcher(
  { stateDirectory }: MarkPlaces,
  { pid, startTicks }: ProcessMark,
): void {
  try {
    replaceFile(join(stateDirectory, MARK_NAME), `${pid} ${startTicks}\n`, MARK_MODE)
  } catch (error) {
    if (!(error instanceof AppError)) throw error
  }
}

/** Until another one says that it watches, none does. Throws ERR_OUTPUT_FAILED. */
export function forgetWatcher({ stateDirectory }: MarkPlaces): void {
  removeFile(join(stateDirectory, MARK_NAME))
}

/** The process that watches; `undefined`: none does. Throws ERR_SETUP_STATE. */
export function findWatcher({
  stateDirectory,
  procDirectory,
}: MarkPlaces): ProcessMark | undefined {
  const text = readStateFile(join(stateDirectory, MARK_NAME), LIMIT_BYTES)?.toString('latin1') ?? ''
  const [, pid, startTicks] = MARK.exec(text) ?? []
  if (pid === undefined || startTicks === undefined) return undefined
  const mark = { pid: Number(pid), startTicks: Number(startTicks) }
  return isRunning(mark, procDirectory) ? mark : undefined
}
