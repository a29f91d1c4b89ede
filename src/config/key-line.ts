// The parser gives positions for syntax errors only, so the line of a key is looked up again here,
// line by line: inside a value that goes over several lines it may take text for a key. That costs
// a message its line and nothing else.

const HEADER = /^\s*(\[{1,2})([^\]]*)\]/
const QUOTES_AND_BLANKS = /["'\s]/g

/**
 * Line, from 1, of the first mention of every table (`totp`), every key (`totp.digits`), every table
 * of an array (`exempt.0`) and its keys (`exempt.0.name`).
 */
export function mapKeyLines(toml: string): ReadonlyMap<string, number> {
  const lines = new Map<string, number>()
  const counts = new Map<string, number>()
  let table = ''
  for (const [index, text] of toml.split('\n').entries()) {
    const [, brackets, header] = HEADER.exec(text) ?? []
    const name = (header ?? text.split('=', 1)[0] ?? '').replace(QUOTES_AND_BLANKS, '')
    if (header !== undefined) table = brackets === '[[' ? nextOf(name, counts) : name
    const path = header !== undefined ? table : [table, name].filter(Boolean).join('.')
    for (const mention of beginningsOf(path.split('.'))) {
      if (!lines.has(mention)) lines.set(mention, index + 1)
    }
  }
  return lines
}

/** The line of `path`, else of the table it stands in, else 1. */
export function findKeyLine(lines: ReadonlyMap<string, number>, path: readonly string[]): number {
  const known = beginningsOf(path).findLast((beginning) => lines.has(beginning))
  return lines.get(known ?? '') ?? 1
}

/** `exempt.0`, then `exempt.1`. */
function nextOf(name: string, counts: Map<string, number>): string {
  const count = counts.get(name) ?? 0
  counts.set(name, count + 1)
  return `${name}.${count}`
}

/** `a`, `a.b`, `a.b.c` of a path of three. */
function beginningsOf(path: readonly string[]): readonly string[] {
  return path.map((_, index) => path.slice(0, index + 1).join('.'))
}
