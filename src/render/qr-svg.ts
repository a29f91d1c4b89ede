import { toPrintable } from '../base/text.ts'
import { type QrMatrix, QUIET_ZONE } from './qr-matrix.ts'

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
}

/**
 * The symbol and its quiet zone as an SVG 1.1 file, black on white, one unit a module. `title` is
 * what a viewer shows as name and a screen reader reads: say whose code it is, not the URI.
 */
export function renderQrSvg(matrix: QrMatrix, title?: string): string {
  const units = matrix.size + 2 * QUIET_ZONE
  const titleLine = title === undefined ? [] : [`<title>${escapeXml(toPrintable(title))}</title>`]
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${units} ${units}" shape-rendering="crispEdges">`,
    ...titleLine,
    // Viewers with a dark background would show black on black without it.
    `<rect width="${units}" height="${units}" fill="#fff"/>`,
    `<path fill="#000" d="${outline(matrix)}"/>`,
    '</svg>\n',
  ].join('\n')
}

/** A rectangle one unit high for each run of dark modules in a row. */
function outline(matrix: QrMatrix): string {
  let path = ''
  for (const [y, row] of matrix.rows.entries()) {
    for (let x = 0; x < matrix.size; x++) {
      const start = x
      while (row[x]) x++
      if (x > start) path += `M${start + QUIET_ZONE} ${y + QUIET_ZONE}h${x - start}v1h${start - x}z`
    }
  }
  return path
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? character)
}
