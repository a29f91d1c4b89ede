/** Longest text from outside that one log line or table cell shows, in characters. */
const SHOWN_LENGTH = 200

/**
 * Text from outside as one harmless line of printable ASCII: everything else, and the backslash,
 * becomes `\xNN` or `\u{N}`, and long text is cut with `...`. For logs, tables and messages: names
 * reach us with newlines and escape sequences in them.
 */
export function toPrintable(text: string, longest = SHOWN_LENGTH): string {
  let shown = ''
  for (const character of text) {
    const next = isPlain(character) ? character : escaped(character)
    if (shown.length + next.length > longest) return `${shown}...`
    shown += next
  }
  return shown
}

function isPlain(character: string): boolean {
  return character >= ' ' && character <= '~' && character !== '\\'
}

function escaped(character: string): string {
  const point = character.codePointAt(0) ?? 0
  const hex = point.toString(16)
  return point <= 0xff ? `\\x${hex.padStart(2, '0')}` : `\\u{${hex}}`
}

/** `1 code`, `2 codes`. */
export function plural(count: number, noun: string): string {
  return count === 1 ? `${count} ${noun}` : `${count} ${noun}s`
}
