/** The stacks of a service (pam.d(5)). */
export type PamType = 'auth' | 'account' | 'password' | 'session'

/**
 * A line of a PAM file, as it is written. `type`: `@include` stands for all four. A line that libpam
 * does not understand is one of `auth` without a module, which always fails.
 */
export interface PamLine {
  readonly file: string
  /** Of its first line, where a backslash continues it. */
  readonly line: number
  readonly type: PamType | '@include'
  /** In lower case, brackets and all; empty for `@include`. */
  readonly control: string
  /** The module, or the file that is included; empty: libpam does not understand the line. */
  readonly target: string
  readonly args: readonly string[]
}

const TYPES: readonly string[] = ['auth', 'account', 'password', 'session']
/** Words between blanks and tabs, no other space, and in brackets anything: `[success=1 default=ignore]`. */
const WORD = /\[(?:\\\]|[^\]])*\]|[^ \t]+/g

/** The lines of one file, taken apart as libpam does it. */
export function parsePamLines(file: string, text: string): readonly PamLine[] {
  return joinLines(text).map(({ line, text: each }) => ({
    file,
    line,
    ...parseWords(each.match(WORD) ?? []),
  }))
}

function parseWords(words: readonly string[]): Omit<PamLine, 'file' | 'line'> {
  const [first = '', second = '', third = '', ...args] = words
  // A leading hyphen: no complaint where the module is missing.
  const type = first.toLowerCase().replace(/^-/, '')
  if (type === '@include') return { type, control: '', target: second, args: [] }
  const control = toControl(second)
  if (!isPamType(type)) return { type: 'auth', control, target: '', args }
  return { type, control, target: third, args }
}

/** Keywords in any case; in brackets it counts. Nothing at all is "required" to libpam, and fails. */
function toControl(word: string): string {
  if (word === '') return 'required'
  return word.startsWith('[') ? word : word.toLowerCase()
}

function isPamType(word: string): word is PamType {
  return TYPES.includes(word)
}

/**
 * A backslash at its very end continues a line on the next one that is not empty; what stands behind
 * `#` is no part of a line, and a backslash there means nothing.
 */
function joinLines(text: string): readonly { readonly line: number; readonly text: string }[] {
  const joined: { line: number; text: string }[] = []
  let isContinued = false
  for (const [index, raw] of text.split('\n').entries()) {
    const part = raw.replace(/#.*$/s, '')
    if (/^[ \t]*$/.test(part)) continue
    const last = isContinued ? joined.pop() : undefined
    const { line, text: before } = last ?? { line: index + 1, text: '' }
    isContinued = raw.endsWith('\\') && part === raw
    joined.push({ line, text: `${before} ${isContinued ? part.slice(0, -1) : part}` })
  }
  return joined
}
