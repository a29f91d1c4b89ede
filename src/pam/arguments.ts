import { AppError } from '../base/errors.ts'

/** What pam_exec's line asks for; see the table of arguments in README.md. */
export type VerifierMode =
  | 'code'
  | 'excused'
  | 'account'
  | 'password-and-code'
  | 'first-factor-missing'
  | 'outside-group'

export interface VerifierArguments {
  readonly mode: VerifierMode
  readonly configPath: string
  /** What `--outside-group` names. */
  readonly group?: string
}

/** A map: an object would also know `toString`. */
const MODES: ReadonlyMap<string, VerifierMode> = new Map([
  ['--excused', 'excused'],
  ['--account', 'account'],
  ['--password-and-code', 'password-and-code'],
  ['--first-factor-missing', 'first-factor-missing'],
  ['--outside-group', 'outside-group'],
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
    if (mode !== undefined && read.mode === 'code') read = { ...read, mode }
    else if (word === '--config') read = { ...read, configPath: absolutePath(rest.shift()) }
    else throw new AppError('ERR_USAGE', 'an argument of the pam.d line is not understood')
    if (mode === 'outside-group') read = { ...read, group: groupName(rest.shift()) }
  }
  return read
}

function absolutePath(path: string | undefined): string {
  if (path?.startsWith('/')) return path
  throw new AppError('ERR_USAGE', '--config needs an absolute path')
}

function groupName(name: string | undefined): string {
  if (name !== undefined && name !== '' && !name.startsWith('-')) return name
  throw new AppError('ERR_USAGE', '--outside-group needs the name of a group')
}
