import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AppError } from '../base/errors.ts'
import { toPrintable } from '../base/text.ts'
import { errnoOf } from './errno.ts'
import { ensureDirectory } from './path.ts'
import { findProcess, isRunning } from './process-mark.ts'

/** Whose it is stands in the name, so that whoever comes next knows what nobody needs any more. */
const NAME = /^otpgate-trial-(\d+)-(\d+)(?:-recipe)?$/
const PRIVATE_MODE = 0o700
const ENDING_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Where trials keep their files. */
export interface TrialDirectories {
  /** root's alone. */
  readonly stateDirectory: string
  /** Where PAM looks for the files of services. */
  readonly pamDirectory: string
}

/** The files of one trial: below a directory of its own, and two among those of PAM. */
export interface TrialPlace {
  readonly directory: string
  /** Name of the PAM service, in lower case as PAM folds it; nothing else uses it. */
  readonly service: string
  /** Name of the file beside it that holds the recipe. */
  readonly recipe: string
  addPamFile(name: string, text: string): void
  /** Returns the path. */
  addFile(name: string, text: string, mode: number): string
  /** Safe to repeat. */
  remove(): void
}

/** Makes room for a trial. It goes with `remove`, and where a signal ends this process before. */
export function openTrialPlace({ stateDirectory, pamDirectory }: TrialDirectories): TrialPlace {
  const service = nameTrial()
  const recipe = `${service}-recipe`
  const directory = join(stateDirectory, service)
  const clear = () => {
    for (const name of [service, recipe]) rmSync(join(pamDirectory, name), { force: true })
    rmSync(directory, { recursive: true, force: true })
  }
  ensureDirectory(stateDirectory, PRIVATE_MODE)
  write(directory, () => mkdirSync(directory, { mode: PRIVATE_MODE }))
  const unhook = onEnding(clear)
  const addFile = (path: string, text: string, mode: number) => {
    write(path, () => writeFileSync(path, text, { mode, flag: 'wx' }))
    return path
  }
  return {
    directory,
    service,
    recipe,
    addPamFile: (name, text) => void addFile(join(pamDirectory, name), text, 0o644),
    addFile: (name, text, mode) => addFile(join(directory, name), text, mode),
    remove() {
      unhook()
      clear()
    },
  }
}

/** Removes what trials have left whose process was killed. */
export function sweepTrials({ stateDirectory, pamDirectory }: TrialDirectories): void {
  for (const directory of [pamDirectory, stateDirectory]) {
    for (const name of namesIn(directory).filter(isAbandoned)) {
      rmSync(join(directory, name), { recursive: true, force: true })
    }
  }
}

function nameTrial(): string {
  const self = findProcess(process.pid)
  return `otpgate-trial-${process.pid}-${self?.startTicks ?? 0}`
}

function isAbandoned(name: string): boolean {
  const [, pid, startTicks] = NAME.exec(name) ?? []
  if (pid === undefined) return false
  return !isRunning({ pid: Number(pid), startTicks: Number(startTicks) })
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}

/** `clear` runs before one of the usual signals ends the process; the result takes that back. */
function onEnding(clear: () => void): () => void {
  const unhook = () => {
    for (const signal of ENDING_SIGNALS) process.removeListener(signal, end)
  }
  const end = (signal: NodeJS.Signals) => {
    unhook()
    clear()
    process.kill(process.pid, signal)
  }
  for (const signal of ENDING_SIGNALS) process.on(signal, end)
  return unhook
}

function write(path: string, act: () => void): void {
  try {
    act()
  } catch (cause) {
    const what = `cannot write ${toPrintable(path)} (${errnoOf(cause) ?? 'unknown'})`
    throw new AppError('ERR_OUTPUT_FAILED', what, { cause })
  }
}
