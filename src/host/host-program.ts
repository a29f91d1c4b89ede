import { errnoOf } from './errno.ts'

const LONGEST_MILLISECONDS = 60_000

/** What a program of the host came to. */
export interface HostProgramResult {
  /** `null`: it could not be run, or was killed. */
  readonly status: number | null
  readonly stdout: string
  /** The first line with something in it, for messages. */
  readonly complaint: string
  /** There is no such program. */
  readonly isAbsent: boolean
}

/** Runs a program of the host to its end, with no input; one that takes longer is killed. */
export function runHostProgram(
  program: string,
  args: readonly string[],
  timeLimitMilliseconds = LONGEST_MILLISECONDS,
): HostProgramResult {
  const { spawnSync } = process.getBuiltinModule('node:child_process')
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' },
    encoding: 'utf8',
    timeout: timeLimitMilliseconds,
    killSignal: 'SIGKILL',
  })
  const said = (stderr ?? '').split('\n').find((line) => line.trim() !== '')
  const why = said?.trim() ?? errnoOf(error) ?? `status ${status}`
  return { status, stdout: stdout ?? '', complaint: why, isAbsent: errnoOf(error) === 'ENOENT' }
}
