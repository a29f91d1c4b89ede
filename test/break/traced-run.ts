import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DIRECTORY_PREFIX } from '../support/host-scope.ts'
import { type ProgramOptions, type ProgramResult, runProgram } from '../support/run-program.ts'
import { DISK_CALLS, type DiskCall, parseDiskCalls } from './disk-call.ts'

/** A program to be run; the first word is its absolute path. */
export interface Command extends ProgramOptions {
  readonly argv: readonly string[]
}

export interface TracedRun {
  readonly result: ProgramResult
  /** Of the one thread that wrote below the directory, in order. */
  readonly calls: readonly DiskCall[]
}

const TIMEOUT_MS = 60_000

/** Runs a command to its end and notes what it did to files below `directory`. */
export async function runTraced(command: Command, directory: string): Promise<TracedRun> {
  const logs = mkdtempSync(join(tmpdir(), `${DIRECTORY_PREFIX}${process.pid}-trace-`))
  try {
    const options = ['-ff', '-y', '-xx', '-s', '1048576', '-e', `trace=${DISK_CALLS}`]
    const result = await runUnderStrace(command, [...options, '-o', join(logs, 'log')])
    const threads = readdirSync(logs).map((name) =>
      parseDiskCalls(readFileSync(join(logs, name), 'latin1'), `${directory}/`),
    )
    const writers = threads.filter((calls) => calls.some(({ effect }) => effect.kind === 'sync'))
    const [calls] = writers
    if (calls === undefined || writers.length > 1)
      throw new Error(`${writers.length} threads write`)
    return { result, calls }
  } finally {
    rmSync(logs, { recursive: true, force: true })
  }
}

/** Runs a command that SIGKILL ends right before this call takes effect. */
export function runKilled(command: Command, { name, nth }: DiskCall): Promise<ProgramResult> {
  return runStruckBy(command, 'SIGKILL', name, nth)
}

/** The same with any signal, which strikes each thread of the command at its `nth` such call. */
export function runStruckBy(
  command: Command,
  signal: NodeJS.Signals,
  call: string,
  nth: number,
): Promise<ProgramResult> {
  const inject = ['-e', `inject=${call}:signal=${signal}:when=${nth}`]
  return runUnderStrace(command, ['-f', '-e', `trace=${call}`, ...inject, '-o', '/dev/null'])
}

/** Runs a command on a disk that takes nothing more, from this write of SQLite's on. */
export function runOnFullDisk(command: Command, { name, nth }: DiskCall): Promise<ProgramResult> {
  const inject = ['-e', `inject=${name}:error=ENOSPC:when=${nth}+`]
  return runUnderStrace(command, ['-f', '-e', `trace=${name}`, ...inject, '-o', '/dev/null'])
}

function runUnderStrace({ argv, ...options }: Command, flags: readonly string[]) {
  // Not --seccomp-bpf, which is quicker: strace 6.1 then delivers no signal on entry to a call.
  const args = ['-qqq', ...flags, '--', ...argv]
  return runProgram('strace', args, { timeoutMs: TIMEOUT_MS, ...options })
}

/**
 * Where it is worth to strike: of equal calls on one file in a row, such as the frames of one
 * transaction, the first and the last. The power loss tests go through all of them.
 */
export function chooseKillPoints(calls: readonly DiskCall[]): readonly DiskCall[] {
  return calls
    .filter(({ effect }) => effect.kind !== 'create')
    .filter((call, index, all) => {
      const [before, after] = [all[index - 1], all[index + 1]]
      return !isAlike(before, call) || (!isAlike(after, call) && !isShared(call))
    })
}

function isAlike(other: DiskCall | undefined, call: DiskCall): boolean {
  return other !== undefined && keyOf(other) === keyOf(call)
}

function keyOf({ name, effect }: DiskCall): string {
  return `${name} ${'file' in effect ? effect.file : effect.kind}`
}

/** SQLite makes room in its shared memory: one strike tells as much as eight. */
function isShared({ effect }: DiskCall): boolean {
  return 'file' in effect && effect.file.endsWith('-shm')
}
