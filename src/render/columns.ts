import { toPrintable } from '../base/text.ts'

const GAP = '    '

/**
 * Items numbered from 1, in columns that are read downwards: for recovery codes, which people tick
 * off on paper. Lines joined by newlines, the last one without; no items give an empty text.
 * Throws RangeError unless `columns` is a whole number from 1.
 */
export function renderColumns(items: readonly string[], columns: number): string {
  if (!Number.isSafeInteger(columns) || columns < 1) throw new RangeError('no number of columns')
  const numberWidth = String(items.length).length
  const cells = items.map(
    (item, index) => `${String(index + 1).padStart(numberWidth)}. ${toPrintable(item)}`,
  )
  const width = Math.max(0, ...cells.map((cell) => cell.length))
  const height = Math.ceil(cells.length / columns)
  const lines: string[] = []
  for (let line = 0; line < height; line++) {
    const shown = cells.filter((_, index) => index % height === line)
    lines.push(
      shown
        .map((cell) => cell.padEnd(width))
        .join(GAP)
        .trimEnd(),
    )
  }
  return lines.join('\n')
}
