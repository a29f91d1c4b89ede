import { toPrintable } from '../base/text.ts'

const GAP = '  '
const ELLIPSIS = '...'
/** Cells are never cut below this: one character and the ellipsis. */
const LEAST_CELL = ELLIPSIS.length + 1

interface TableOptions {
  /** Columns of the window. Nothing is cut without one (a pipe), or at 0, as some ptys report. */
  readonly width?: number | undefined
}

/**
 * An aligned table without borders, its headers in capitals. Cells come from outside and are made
 * printable; where the window is too narrow, the widest columns are cut with `...` until the table
 * fits, or no column can give more. Lines joined by newlines, the last one without. Throws
 * TypeError for a row with more or fewer cells than headers.
 */
export function renderTable(
  headers: readonly string[],
  rows: readonly (readonly string[])[],
  options: TableOptions = {},
): string {
  const capitals = headers.map((header) => header.toUpperCase())
  const lines = [capitals, ...rows].map((row) => {
    if (row.length !== headers.length) throw new TypeError('a row has a cell for each header')
    return row.map((cell) => toPrintable(cell))
  })
  const widths = fitWidths(naturalWidths(lines), options.width || Number.POSITIVE_INFINITY)
  return lines.map((cells) => renderLine(cells, widths)).join('\n')
}

/** Folded, not spread into Math.max: an audit has more rows than a call takes arguments. */
function naturalWidths(lines: readonly (readonly string[])[]): number[] {
  const [headers = []] = lines
  return headers.map((_, column) =>
    lines.reduce((widest, cells) => Math.max(widest, cells[column]?.length ?? 0), 0),
  )
}

/** Takes from the widest column, a character at a time: short columns stay whole longest. */
function fitWidths(natural: readonly number[], window: number): number[] {
  const widths = [...natural]
  const room = window - GAP.length * (widths.length - 1)
  let excess = widths.reduce((sum, width) => sum + width, 0) - room
  while (excess > 0) {
    const widest = Math.max(...widths)
    if (widest <= LEAST_CELL) break
    widths[widths.indexOf(widest)] = widest - 1
    excess--
  }
  return widths
}

function renderLine(cells: readonly string[], widths: readonly number[]): string {
  const fitted = cells.map((cell, column) => {
    const width = widths[column] ?? cell.length
    return cutTo(cell, width).padEnd(width)
  })
  return fitted.join(GAP).trimEnd()
}

function cutTo(cell: string, width: number): string {
  return cell.length <= width ? cell : cell.slice(0, width - ELLIPSIS.length) + ELLIPSIS
}
