/**
 * TypeScript source with the content of comments, strings, templates and regular expressions turned
 * into spaces. Quotes, line ends and `${...}` stay and nothing moves, so that a pattern sees code
 * only and an offset means the same place in both texts.
 */
export function blankText(source: string): string {
  const scan: Scan = { source, at: 0, blanked: '' }
  while (scan.at < source.length) blankCode(scan)
  return scan.blanked
}

interface Scan {
  readonly source: string
  at: number
  blanked: string
}

const COMMENT = /\/\/[^\n]*|\/\*[\s\S]*?\*\//y
const STRING = /'(?:\\[\s\S]|[^'\\\n])*'|"(?:\\[\s\S]|[^"\\\n])*"/y
const REGULAR_EXPRESSION = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\//y
const TEMPLATE_TEXT = /(?:\\[\s\S]|\$(?!\{)|[^`\\$])*/y
/** What a slash follows where it begins a regular expression; elsewhere it divides. */
const BEFORE_EXPRESSION = /(?:^|[(,=:[!&|?{;+\-*%<>~^]|\b(?:return|typeof|case|of|in))\s*$/

/** Up to the brace that closes what the caller has opened, or to the end. */
function blankCode(scan: Scan): void {
  let depth = 0
  while (scan.at < scan.source.length) {
    const character = scan.source.charAt(scan.at)
    if (character === '{') depth += 1
    if (character === '}') depth -= 1
    if (character === '`') blankTemplate(scan)
    else if (!blankToken(scan)) keep(scan, 1)
    if (depth < 0) return
  }
}

/** Whether a comment, a string or a regular expression stood here. */
function blankToken(scan: Scan): boolean {
  const comment = match(scan, COMMENT)
  if (comment !== '') return blank(scan, comment)
  const string = match(scan, STRING)
  if (string !== '') return blankBetween(scan, string)
  if (scan.source.charAt(scan.at) !== '/' || !BEFORE_EXPRESSION.test(scan.blanked)) return false
  const expression = match(scan, REGULAR_EXPRESSION)
  return expression !== '' && blankBetween(scan, expression)
}

function blankTemplate(scan: Scan): void {
  keep(scan, 1)
  blank(scan, match(scan, TEMPLATE_TEXT))
  while (scan.source.startsWith('${', scan.at)) {
    keep(scan, 2)
    blankCode(scan)
    blank(scan, match(scan, TEMPLATE_TEXT))
  }
  keep(scan, 1)
}

function match({ source, at }: Scan, pattern: RegExp): string {
  pattern.lastIndex = at
  return pattern.exec(source)?.[0] ?? ''
}

function keep(scan: Scan, length: number): void {
  scan.blanked += scan.source.slice(scan.at, scan.at + length)
  scan.at += length
}

function blank(scan: Scan, text: string): boolean {
  scan.blanked += text.replace(/[^\n]/g, ' ')
  scan.at += text.length
  return true
}

function blankBetween(scan: Scan, text: string): boolean {
  keep(scan, 1)
  blank(scan, text.slice(1, -1))
  keep(scan, 1)
  return true
}
