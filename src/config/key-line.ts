// The parser gives positions for syntax errors only, so the line of a key is looked up again here,
// line by line: inside a value that goes over several lines it may take text for a key. That costs
// a message its line and nothing else.

const HEADER = /^\s*\[{1,2}([^\]]*)\]/
const QUOTES_AND_BLANKS = /["'\s]/g

/** Line, from 1, of the first mention of every table (`totp`) and every key (`totp.digits`). */
export function mapKeyLines(toml: string): ReadonlyMap<string, number> {
  const lines = new Map<string, number>()
  let table = ''
  for (const [index, text] of toml.split('\n').entries()) {
    const header = HEADER.exec(text)?.[1]
    const name = (header ?? text.split('=', 1)[0] ?? '').replace(QUOTES_AND_BLANKS, '')
    if (header !== undefined) table = name
    const path = header !== undefined || table === '' ? name : `${table}.${name}`
    for (const mention of [...path.split('.', 1), path]) {
      if (!lines.has(mention)) lines.set(mention, index + 1)
    }
  }
  return lines
}

/** The line of `path`, else of its table, else 1. */
export function findKeyLine(lines: ReadonlyMap<string, number>, path: readonly string[]): number {
  return lines.get(path.join('.')) ?? lines.get(path[0] ?? '') ?? 1
}
