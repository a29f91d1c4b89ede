import { AppError } from '../base/errors.ts'

/** What pam_exec's line asks for; see the table of programs in README.md. */
export type VerifierMode = 'code' | 'excused' | 'account'

export interface VerifierArguments {
  readonly mode: VerifierMode
  readonly configPath: string
}

/** A map: an object would also know `toString`. */
const MODES: ReadonlyMap<string, VerifierMode> = new Map([
  ['--excused', 'excused'],
  ['--account', 'account'],
])

/** Reads the arguments of a pam.d line. Throws ERR_USAGE: what is not understood denies. */
export function parseArguments(
  args: readonly string[],
  defaultConfigPath: string,
): VerifierArguments {
  let mode: VerifierMode = 'code'
  let configPath = defaultConfigPath
  const rest = [...args]
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const named = MODES.get(word)
    if (named !== undefined && mode === 'code') mode = named
    else if (word === '--config') configPath = absolutePath(rest.shift())
    else throw new AppError('ERR_USAGE', 'an argument of the pam.d line is not understood')
  }
  return { mode, configPath }
}

function absolutePath(path: string | undefined): string {
  if (path?.startsWith('/')) return path
  throw new AppError('ERR_USAGE', '--config needs an absolute path')
}
