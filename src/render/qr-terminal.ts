import { isDark, type QrMatrix, QUIET_ZONE } from './qr-matrix.ts'

/**
 * How a terminal is to show a symbol.
 * - `colour`: black on white by SGR codes, whatever the terminal's own colours. The choice for a
 *   terminal, unless TERM is `dumb` or NO_COLOR is set.
 * - `plain`: no codes, light modules painted, for light text on a dark background.
 * - `plain-inverted`: no codes, dark modules painted, for dark text on a light background.
 */
export type QrTerminalStyle = 'colour' | 'plain' | 'plain-inverted'

/** Room that a rendering takes, in character cells. */
export interface TerminalSize {
  readonly columns: number
  readonly lines: number
}

/** What a character paints: its upper half, its lower half, both, or nothing. */
const HALF_BLOCKS = { none: ' ', upper: '\u2580', lower: '\u2584', both: '\u2588' } as const

/**
 * Black text on white, from the fixed part of the 256 colours: themes redefine the first sixteen.
 * The reset before it ends what the user's prompt left on: bold or reverse would change colours.
 */
const BLACK_ON_WHITE = '\u001b[0;38;5;16;48;5;231m'
const RESET = '\u001b[0m'

/** The room `renderQrTerminal` takes in any style: a column a module, a line for two rows. */
export function measureQrTerminal(matrix: QrMatrix): TerminalSize {
  const modules = matrix.size + 2 * QUIET_ZONE
  return { columns: modules, lines: Math.ceil(modules / 2) }
}

/**
 * The symbol as lines of half blocks, joined by newlines, the last one without. The quiet zone is
 * the full four modules, painted where light is: beside a symbol stand the shell's own words, and
 * in `plain` the background is black right up to it. UTF-8; a line wider than the window wraps and
 * is unreadable, so compare with `measureQrTerminal` first.
 */
export function renderQrTerminal(matrix: QrMatrix, style: QrTerminalStyle): string {
  const size = measureQrTerminal(matrix)
  const lines: string[] = []
  for (let line = 0; line < size.lines; line++) {
    const blocks = renderLine(matrix, 2 * line - QUIET_ZONE, size.columns, style !== 'plain')
    // A line each, so that neither scrolling nor a resize spreads the white over the window.
    lines.push(style === 'colour' ? `${BLACK_ON_WHITE}${blocks}${RESET}` : blocks)
  }
  return lines.join('\n')
}

/** Two module rows, `row` and the one below. Sizes are odd, so the last row below is light, too. */
function renderLine(matrix: QrMatrix, row: number, columns: number, paintDark: boolean): string {
  let blocks = ''
  for (let cell = 0; cell < columns; cell++) {
    const column = cell - QUIET_ZONE
    const upper = isDark(matrix, row, column) === paintDark
    const lower = isDark(matrix, row + 1, column) === paintDark
    blocks += HALF_BLOCKS[upper ? (lower ? 'both' : 'upper') : lower ? 'lower' : 'none']
  }
  return blocks
}
