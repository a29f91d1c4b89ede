// The parser gives positions for syntax errors only, so the line of a key is looked up again here.
// The text is TOML by then; on any other this would find a wrong line at worst, and still end.

/** Strings and comments whole, for they may hold brackets and line feeds; then all else. */
const TOKENS = [
  /"""(?:\\.|[^\\])*?"""(?:"{1,2})?/,
  /'''.*?'''(?:'{1,2})?/,
  /"(?:\\.|[^"\\\n])*"/,
  /'[^'\n]*'/,
  /#[^\n]*/,
  /[^"'#[\]{}\n]+/,
  /./,
]

/** Bare or quoted part of a key. One with an escape is not understood: that costs its line only. */
const KEY_PART = /^[ \t]*(?:([\w-]+)|"([^"\\\n]*)"|'([^'\n]*)')[ \t]*/

interface Statement {
  /** Counted from 1: where it begins. */
  readonly line: number
  readonly text: string
}

/** Line, from 1, of the first mention of every key and every table, by `keyOf` its path. */
export function mapKeyLines(toml: string): ReadonlyMap<string, number> {
  const lines = new Map<string, number>()
  let table: readonly string[] = []
  for (const statement of splitStatements(toml)) {
    const brackets = /^\[{0,2}/.exec(statement.text)?.[0].length ?? 0
    const path = parseKeyPath(statement.text.slice(brackets))
    if (brackets > 0) table = path
    const whole = brackets > 0 ? path : [...table, ...path]
    for (let length = 1; length <= whole.length; length++) {
      const key = keyOf(whole.slice(0, length))
      if (!lines.has(key)) lines.set(key, statement.line)
    }
  }
  return lines
}

/** The line of `path`, else of the nearest table around it, else 1. */
export function findKeyLine(lines: ReadonlyMap<string, number>, path: readonly string[]): number {
  for (let length = path.length; length > 0; length--) {
    const line = lines.get(keyOf(path.slice(0, length)))
    if (line !== undefined) return line
  }
  return 1
}

function keyOf(path: readonly string[]): string {
  return JSON.stringify(path)
}

/** A statement ends at the first line feed outside of strings and brackets. */
function splitStatements(toml: string): readonly Statement[] {
  const statements: Statement[] = []
  const anyToken = new RegExp(TOKENS.map(({ source }) => source).join('|'), 'gs')
  let text = ''
  let depth = 0
  let line = 1
  let start = 1
  for (const [token] of toml.matchAll(anyToken)) {
    if ('[{'.includes(token)) depth += 1
    if (']}'.includes(token)) depth -= 1
    if (token !== '\n' || depth > 0) text += token
    else {
      statements.push({ line: start, text: text.trim() })
      text = ''
    }
    line += token.split('\n').length - 1
    if (text === '') start = line
  }
  return [...statements, { line: start, text: text.trim() }]
}

/** The dotted key at the start of `text`, as far as it is understood. */
function parseKeyPath(text: string): readonly string[] {
  const match = KEY_PART.exec(text)
  if (match === null) return []
  const part = match[1] ?? match[2] ?? match[3] ?? ''
  const rest = text.slice(match[0].length)
  return rest.startsWith('.') ? [part, ...parseKeyPath(rest.slice(1))] : [part]
}
