import { join } from 'node:path'
import { isRunning, type ProcessMark } from '../../host/process-mark.ts'
import { replaceFile } from '../../host/replace-file.ts'
import { readStateFile } from '../../host/state-file.ts'
import type { SetupPlaces } from './places.ts'

const MARK_MODE = 0o600
const LIMIT_BYTES = 100
/** `PID START`, in decimal. */
const MARK = /^(\d{1,10}) (\d{1,20})\n$/

/** Where marks lie, and where it is seen whether their processes still run. */
export type MarkPlaces = Pick<SetupPlaces, 'stateDirectory' | 'procDirectory'>

/** Writes down which process has a part in the set-up. Throws ERR_OUTPUT_FAILED. */
export function writeMark(
  { stateDirectory }: MarkPlaces,
  name: string,
  { pid, startTicks }: ProcessMark,
): void {
  replaceFile(join(stateDirectory, name), `${pid} ${startTicks}\n`, MARK_MODE)
}

/** The process that has it, if it still runs. Throws ERR_SETUP_STATE. */
export function findMarked(
  { stateDirectory, procDirectory }: MarkPlaces,
  name: string,
): ProcessMark | undefined {
  const text = readStateFile(join(stateDirectory, name), LIMIT_BYTES)?.toString('latin1') ?? ''
  const [, pid, startTicks] = MARK.exec(text) ?? []
  if (pid === undefined || startTicks === undefined) return undefined
  const mark = { pid: Number(pid), startTicks: Number(startTicks) }
  return isRunning(mark, procDirectory) ? mark : undefined
}
