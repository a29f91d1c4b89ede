import type { VerifierMode } from '../app/verifier-mode.ts'
import { AppError } from '../base/errors.ts'
import { type AttemptId, parseAttemptId } from '../domain/attempt.ts'

export interface VerifierArguments {
  readonly mode: VerifierMode
  readonly configPath: string
  /** What `--outside-group` names. */
  readonly group?: string
  /** From the static client, which has asked the daemon before: what it asked by. */
  readonly attempt?: AttemptId
  /** Likewise: how much of the time is left. */
  readonly timeLeftMilliseconds?: number
}

/** A map: an object would also know `toString`. */
const MODES: ReadonlyMap<string, VerifierMode> = new Map([
  ['--excused', 'excused'],
  ['--account', 'account'],
  ['--password-and-code', 'password-and-code'],
  ['--first-factor-missing', 'first-factor-missing'],
  ['--outside-group', 'outside-group'],
])

type Option = (value: string | undefined) => Partial<VerifierArguments>

const OPTIONS: ReadonlyMap<string, Option> = new Map<string, Option>([
  ['--config', (value) => ({ configPath: absolutePath('--config', value) })],
  // For the static client alone, so that a line of pam.d may go on saying it where there is none.
  ['--socket', (value) => absolutePath('--socket', value) && {}],
  ['--attempt', (value) => ({ attempt: attemptId(value) })],
  ['--time-left', (value) => ({ timeLeftMilliseconds: milliseconds(value) })],
])

/** Reads the arguments of a pam.d line. Throws ERR_USAGE: what is not understood denies. */
export function parseArguments(
  args: readonly string[],
  defaultConfigPath: string,
): VerifierArguments {
  let read: VerifierArguments = { mode: 'code', configPath: defaultConfigPath }
  const rest = [...args]
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const mode = MODES.get(word)
    const option = OPTIONS.get(word)
    if (mode !== undefined && read.mode === 'code') read = { ...read, mode }
    else if (option !== undefined) read = { ...read, ...option(rest.shift()) }
    else throw new AppError('ERR_USAGE', 'an argument of the pam.d line is not understood')
    if (mode === 'outside-group') read = { ...read, group: groupName(rest.shift()) }
  }
  return read
}

function absolutePath(option: string, path: string | undefined): string {
  if (path?.startsWith('/')) return path
  throw new AppError('ERR_USAGE', `${option} needs an absolute path`)
}

function attemptId(text = ''): AttemptId {
  const attempt = parseAttemptId(text)
  if (attempt !== undefined) return attempt
  throw new AppError('ERR_USAGE', '--attempt needs 32 hex digits')
}

function milliseconds(text = ''): number {
  if (/^\d{1,6}$/.test(text)) return Number(text)
  throw new AppError('ERR_USAGE', '--time-left needs milliseconds')
}

function groupName(name: string | undefined): string {
  if (name !== undefined && name !== '' && !name.startsWith('-')) return name
  throw new AppError('ERR_USAGE', '--outside-group needs the name of a group')
}
