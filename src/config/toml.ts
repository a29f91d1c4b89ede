import { parse, TomlError } from 'smol-toml'

/** A table of TOML values; integers are bigint, so that `6.0` is told from `6`. */
export type TomlTable = Readonly<Record<string, unknown>>

type TomlReading =
  | { readonly outcome: 'table'; readonly table: TomlTable }
  /** `line` counts from 1. `fault` is one line; it does not repeat the text. */
  | { readonly outcome: 'fault'; readonly line: number; readonly fault: string }

/** No key nests arrays deeper than this; a limit, because the parser recurses. */
const DEEPEST_NESTING = 8

/** TOML 1.0 text to values. What is no TOML is a value, never an exception. */
export function readToml(text: string): TomlReading {
  try {
    const table = parse(text, { integersAsBigInt: true, maxDepth: DEEPEST_NESTING })
    return { outcome: 'table', table }
  } catch (error) {
    if (!(error instanceof TomlError)) return { outcome: 'fault', line: 1, fault: 'not TOML' }
    // The parser's message goes on with an excerpt of the file.
    const [words = ''] = error.message.split('\n')
    const fault = words.replace(/^Invalid TOML document: /, '')
    return { outcome: 'fault', line: error.line, fault }
  }
}

/** Whether a TOML value is a table, inline or not; dates and arrays are none. */
export function isTomlTable(value: unknown): value is TomlTable {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
  )
}
