import { AppError } from '../base/errors.ts'
import { plural } from '../base/text.ts'
import type { Config } from './config.ts'
import { type Complaint, parseConfigValues } from './config-value.ts'
import { findKeyLine, mapKeyLines } from './key-line.ts'
import { listConfigKeys } from './key-table.ts'
import { readToml } from './toml.ts'
import { findUnknownKeys } from './unknown-key.ts'

/** One thing that is wrong in the file. */
export interface ConfigProblem {
  /** Counted from 1. */
  readonly line: number
  /** What is wrong with which key, lower case, no full stop; no value of the file is repeated. */
  readonly message: string
  /** What is allowed, or what was probably meant. */
  readonly hint: string
}

type ConfigReading =
  | { readonly outcome: 'config'; readonly config: Config }
  | { readonly outcome: 'problems'; readonly problems: readonly ConfigProblem[] }

/** Longest otpgate.toml, in characters: checked before anything looks at it. */
const LONGEST_FILE = 262_144

/**
 * The text of otpgate.toml as a `Config`; keys that are not there have their defaults, so '' gives
 * all of them. Throws ERR_CONFIG_INVALID with the first problem; `fileName` is for its message only.
 */
export function parseConfig(text: string, fileName: string): Config {
  const reading = readConfig(text)
  if (reading.outcome === 'config') return reading.config
  const [first, ...others] = reading.problems
  const more = others.length > 0 ? ` (and ${plural(others.length, 'more problem')})` : ''
  throw new AppError(
    'ERR_CONFIG_INVALID',
    `${fileName} line ${first?.line}: ${first?.message}${more}`,
    first === undefined ? {} : { hint: first.hint },
  )
}

/** Everything that is wrong with the text, from top to bottom; nothing for a good one. */
export function findConfigProblems(text: string): readonly ConfigProblem[] {
  const reading = readConfig(text)
  return reading.outcome === 'config' ? [] : reading.problems
}

/** Line, from 1, of a key of the text, else of the table it would stand in, else 1. */
export function findLine(text: string, path: readonly string[]): number {
  return findKeyLine(mapKeyLines(text), path)
}

function readConfig(text: string): ConfigReading {
  if (text.length > LONGEST_FILE) return notToml(1, `longer than ${LONGEST_FILE} characters`)
  const toml = readToml(text)
  if (toml.outcome === 'fault') return notToml(toml.line, `not valid TOML: ${toml.fault}`)
  const keys = listConfigKeys()
  const { config, complaints } = parseConfigValues(toml.table, keys)
  const all = [...findUnknownKeys(toml.table, keys), ...complaints]
  return all.length === 0
    ? { outcome: 'config', config }
    : { outcome: 'problems', problems: locate(all, text) }
}

function notToml(line: number, message: string): ConfigReading {
  const hint = 'examples/otpgate.toml shows every key'
  return { outcome: 'problems', problems: [{ line, message, hint }] }
}

function locate(complaints: readonly Complaint[], text: string): readonly ConfigProblem[] {
  const lines = mapKeyLines(text)
  return complaints
    .map(({ path, message, hint }) => ({ line: findKeyLine(lines, path), message, hint }))
    .sort((a, b) => a.line - b.line)
}
