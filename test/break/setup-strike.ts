import { readFileSync } from 'node:fs'
import { COMMAND_LINE } from '../support/otpgate-host.ts'
import type { ProgramResult } from '../support/run-program.ts'
import type { SetupHost } from '../support/setup-host.ts'

/** Where a run of `otpgate setup` is killed: right before its `nth` such call, of those on `path`. */
export interface SetupStrike {
  readonly call: string
  readonly nth: number
  /** `undefined`: every file's calls are counted. */
  readonly path: string | undefined
  /** What the call is about, for messages. */
  readonly about: string
}

const CALLS = ['rename', 'fsync', 'unlink', 'write'] as const
/** What set-up changes, and where it keeps what it needs for the way back. */
const PLACES = /\/(?:etc\/pam\.d|etc\/ssh|var\/lib\/otpgate-setup)\b/
/** Names that are the same in every run. */
const LASTING = /\/\.otpgate-setup\.tmp$/
const CALL = /^(\w+)\((.*)\)\s+= (\d+)/
const FIRST_FILE = /^(?:\d+<([^>]*)>|"([^"]*)")/

/** Runs `otpgate setup` to its end; each of its writes, renames, removals and syncs there. */
export async function traceSetup(
  host: SetupHost,
  args: readonly string[],
): Promise<readonly SetupStrike[]> {
  const log = host.own('/trace')
  const flags = ['-y', '-e', `trace=${CALLS.join(',')}`, '-o', log]
  const { status, stderr } = await runUnderStrace(host, flags, args)
  if (status !== 0) throw new Error(`it fails without a strike: ${stderr}`)
  return readStrikes(readFileSync(log, 'latin1'))
}

/** The same, killed or stopped at that point. Its children live on, as they would. */
export function strikeSetup(
  host: SetupHost,
  args: readonly string[],
  { call, nth, path }: SetupStrike,
  signal: 'SIGKILL' | 'SIGSTOP' = 'SIGKILL',
): Promise<ProgramResult> {
  const where = path === undefined ? [] : ['-P', path]
  const inject = ['-e', `trace=${call}`, '-e', `inject=${call}:signal=${signal}:when=${nth}`]
  return runUnderStrace(host, [...where, ...inject, '-o', '/dev/null'], args)
}

/** Only the thread that strace starts: it is the one that touches files. */
function runUnderStrace(host: SetupHost, flags: readonly string[], args: readonly string[]) {
  const command = [COMMAND_LINE, '--config', host.otpgate.configFile, 'setup', ...args]
  return host.runInside('strace', ['-qqq', ...flags, '--', ...command], { timeoutMs: 60_000 })
}

/** Calls are counted with those that fail. Other writes, of words to people, may come in any number. */
function readStrikes(log: string): readonly SetupStrike[] {
  const counts = new Map<string, number>()
  return log.split('\n').flatMap((line): readonly SetupStrike[] => {
    const [, call = '', args = '', result] = CALL.exec(line) ?? /^(\w+)\((.*)\)/.exec(line) ?? []
    const [, byDescriptor, byName] = FIRST_FILE.exec(args) ?? []
    const file = byDescriptor ?? byName ?? ''
    const path = call === 'write' && LASTING.test(file) ? file : undefined
    const key = `${call} ${path ?? ''}`
    const nth = (counts.get(key) ?? 0) + 1
    counts.set(key, nth)
    if (result === undefined || !PLACES.test(file)) return []
    if (call === 'write' && path === undefined) return []
    return [{ call, nth, path, about: args.slice(0, 120) }]
  })
}
