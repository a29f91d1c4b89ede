/** What the terminal's own colours are: light text on dark, or dark text on light. */
export type Background = 'dark' | 'light'

const ESC = '\u001b'
/** Grey levels of text and background; neither is pure, as in real themes. */
const THEMES = {
  dark: { text: 200, background: 40 },
  light: { text: 60, background: 235 },
} as const
const COLOURS: Readonly<Record<string, number>> = { '16': 0, '231': 255 }

/** Which halves of the cell a character fills with the text colour. */
const SHAPES: Readonly<Record<string, { upper: boolean; lower: boolean }>> = {
  ' ': { upper: false, lower: false },
  '▀': { upper: true, lower: false },
  '▄': { upper: false, lower: true },
  '█': { upper: true, lower: true },
}

/** Pixels a cell, twice as high as wide, and empty cells around the text. */
const CELL_WIDTH = 4
const MARGIN = 6

/**
 * What a terminal shows for this text, as a PGM image: half blocks, and SGR with colours 16 and 231
 * and reset. Throws on anything else, which a terminal might show differently than the test thinks.
 */
export function rasteriseTerminal(text: string, background: Background): Buffer {
  const rows = text.split('\n').flatMap((line) => paintLine(line, background))
  const width = Math.max(...rows.map((row) => row.length)) + 2 * MARGIN
  const empty = THEMES[background].background
  const blank = () => Array.from({ length: MARGIN }, (): number[] => [])
  const pixels = [...blank(), ...rows, ...blank()].flatMap((row) => {
    const line = [...Array(MARGIN).fill(empty), ...row]
    const wide = [...line, ...Array(width - line.length).fill(empty)]
    const scaled = wide.flatMap((level: number) => Array(CELL_WIDTH).fill(level))
    return Array.from({ length: CELL_WIDTH }, () => scaled).flat()
  })
  const head = `P5 ${width * CELL_WIDTH} ${(rows.length + 2 * MARGIN) * CELL_WIDTH} 255\n`
  return Buffer.concat([Buffer.from(head), Buffer.from(pixels)])
}

/** The upper and the lower pixel row of one line, grey levels. */
function paintLine(line: string, theme: Background): number[][] {
  let colours: { text: number; background: number } = THEMES[theme]
  const upper: number[] = []
  const lower: number[] = []
  for (const token of line.match(new RegExp(`${ESC}\\[[^m]*m|[^]`, 'gu')) ?? []) {
    if (token.startsWith(ESC)) {
      colours = applySgr(token, colours, theme)
      continue
    }
    const shape = SHAPES[token]
    if (shape === undefined) throw new Error(`no shape for ${JSON.stringify(token)}`)
    upper.push(shape.upper ? colours.text : colours.background)
    lower.push(shape.lower ? colours.text : colours.background)
  }
  return [upper, lower]
}

function applySgr(
  sequence: string,
  before: { text: number; background: number },
  theme: Background,
): { text: number; background: number } {
  const parameters = sequence.slice(2, -1).split(';')
  let colours = before
  while (parameters.length > 0) {
    const parameter = parameters.shift()
    if (parameter === '0') {
      colours = THEMES[theme]
      continue
    }
    const level = COLOURS[parameters.splice(0, 2).join(';').replace(/^5;/, '')]
    if (level === undefined) throw new Error(`unknown colours: ${JSON.stringify(sequence)}`)
    if (parameter === '38') colours = { ...colours, text: level }
    else if (parameter === '48') colours = { ...colours, background: level }
    else throw new Error(`unknown colours: ${JSON.stringify(sequence)}`)
  }
  return colours
}
