import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { AppError } from '../base/errors.ts'
import { toPrintable } from '../base/text.ts'

/** One process: its id alone may be another's tomorrow. */
export interface ProcessMark {
  readonly pid: number
  /** When it began, in clock ticks since boot (proc_pid_stat(5), field 22). */
  readonly startTicks: number
}

const START_FIELD = 22
/** The first field behind the name. */
const STATE_FIELD = 3
/** Ended, though nobody has asked for its status. */
const ENDED_STATES: readonly string[] = ['Z', 'X']

/** The process that has this id now; `undefined`: none that still runs. */
export function findProcess(pid: number, procDirectory = '/proc'): ProcessMark | undefined {
  const fields = readFields(join(procDirectory, String(pid), 'stat'))
  const [state = 'X'] = fields
  const startTicks = Number(fields[START_FIELD - STATE_FIELD])
  if (ENDED_STATES.includes(state) || !Number.isSafeInteger(startTicks)) return undefined
  return { pid, startTicks }
}

/** This process. Throws ERR_SETUP_STATE where it is not there, as without a /proc of its own. */
export function findOwnProcess(procDirectory = '/proc'): ProcessMark {
  const mark = findProcess(process.pid, procDirectory)
  if (mark !== undefined) return mark
  throw new AppError('ERR_SETUP_STATE', `this process is not in ${toPrintable(procDirectory)}`)
}

/** Whether that very process still runs. */
export function isRunning({ pid, startTicks }: ProcessMark, procDirectory = '/proc'): boolean {
  return findProcess(pid, procDirectory)?.startTicks === startTicks
}

/** Whether both are one process, not another one with its id. */
export function isSameProcess(one: ProcessMark, other: ProcessMark): boolean {
  return one.pid === other.pid && one.startTicks === other.startTicks
}

/** The name stands in parentheses, and may hold any character, blanks and parentheses too. */
function readFields(path: string): readonly string[] {
  try {
    const text = readFileSync(path, 'latin1')
    return text.slice(text.lastIndexOf(')') + 2).split(' ')
  } catch {
    return []
  }
}

/** Ends that very process, whatever it is doing (SIGKILL); does nothing where it has ended. */
export function endProcess(mark: ProcessMark, procDirectory = '/proc'): void {
  if (isRunning(mark, procDirectory)) process.kill(mark.pid, 'SIGKILL')
}
