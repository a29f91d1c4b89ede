/** Lines before and after a change, as diff(1) -u shows them. */
const CONTEXT_LINES = 3

/** One line of a unified diff. */
export interface DiffLine {
  readonly kind: 'file' | 'place' | 'same' | 'gone' | 'new'
  readonly text: string
}

interface Edit {
  readonly kind: 'same' | 'gone' | 'new'
  readonly text: string
}

/**
 * What `after` changes in a file, as a unified diff that patch(1) takes; empty where it changes nothing.
 * `undefined`: there is no such file.
 */
export function diffTexts(
  path: string,
  before: string | undefined,
  after: string | undefined,
): readonly DiffLine[] {
  if (before === after) return []
  const nameOf = (text: string | undefined) => (text === undefined ? '/dev/null' : path)
  const header = [`--- ${nameOf(before)}`, `+++ ${nameOf(after)}`]
  const edits = compare(toLines(before), toLines(after))
  return [
    ...header.map((text) => ({ kind: 'file', text }) as const),
    ...findHunks(edits).flatMap(({ start, end }) => showHunk(edits, start, end)),
  ]
}

/** A file's last line ends with a line end; where it does not, that is shown as diff(1) does. */
function toLines(text: string | undefined): readonly string[] {
  if (text === undefined || text === '') return []
  const lines = text.split('\n')
  const last = lines.pop() ?? ''
  return last === '' ? lines : [...lines, `${last}\n\\ No newline at end of file`]
}

/** The files are short: a table of the longest common part of every two ends is small. */
function compare(before: readonly string[], after: readonly string[]): readonly Edit[] {
  const common = tableOf(before, after)
  const at = (i: number, j: number) => common[i]?.[j] ?? 0
  const edits: Edit[] = []
  let i = 0
  let j = 0
  while (i < before.length || j < after.length) {
    const [old, next] = [before[i], after[j]]
    if (old !== undefined && old === next) {
      edits.push({ kind: 'same', text: old })
      i++
      j++
    } else if (old !== undefined && (next === undefined || at(i + 1, j) >= at(i, j + 1))) {
      edits.push({ kind: 'gone', text: old })
      i++
    } else {
      edits.push({ kind: 'new', text: next ?? '' })
      j++
    }
  }
  return edits
}

function tableOf(before: readonly string[], after: readonly string[]): readonly number[][] {
  const table = Array.from({ length: before.length + 1 }, () =>
    Array<number>(after.length + 1).fill(0),
  )
  for (let i = before.length - 1; i >= 0; i--) {
    const [row, below] = [table[i], table[i + 1]]
    for (let j = after.length - 1; j >= 0 && row !== undefined; j--) {
      const isSame = before[i] === after[j]
      row[j] = isSame ? (below?.[j + 1] ?? 0) + 1 : Math.max(below?.[j] ?? 0, row[j + 1] ?? 0)
    }
  }
  return table
}

interface Hunk {
  readonly start: number
  readonly end: number
}

/** Changes whose contexts touch share one. */
function findHunks(edits: readonly Edit[]): readonly Hunk[] {
  const hunks: Hunk[] = []
  for (const [index, { kind }] of edits.entries()) {
    if (kind === 'same') continue
    const start = Math.max(0, index - CONTEXT_LINES)
    const end = Math.min(edits.length, index + CONTEXT_LINES + 1)
    const last = hunks.at(-1)
    if (last !== undefined && start <= last.end)
      hunks[hunks.length - 1] = { start: last.start, end }
    else hunks.push({ start, end })
  }
  return hunks
}

const SIGNS: Readonly<Record<Edit['kind'], string>> = { same: ' ', gone: '-', new: '+' }

function showHunk(edits: readonly Edit[], start: number, end: number): readonly DiffLine[] {
  const ahead = edits.slice(0, start)
  const shown = edits.slice(start, end)
  const old = rangeOf(ahead, shown, 'new')
  const next = rangeOf(ahead, shown, 'gone')
  return [
    { kind: 'place', text: `@@ -${old} +${next} @@` },
    ...shown.map(({ kind, text }) => ({ kind, text: `${SIGNS[kind]}${text}` })),
  ]
}

/** Where a hunk begins and how long it is, in the file that lines of this kind are not in. */
function rangeOf(ahead: readonly Edit[], shown: readonly Edit[], absent: Edit['kind']): string {
  const countIn = (edits: readonly Edit[]) => edits.filter(({ kind }) => kind !== absent).length
  const length = countIn(shown)
  const first = countIn(ahead) + (length === 0 ? 0 : 1)
  return length === 1 ? String(first) : `${first},${length}`
}
