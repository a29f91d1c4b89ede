import type { Terminal } from '../../src/host/tty.ts'
import { createQrMatrix, type QrMatrix } from '../../src/render/qr-matrix.ts'
import { measureQrTerminal, renderQrTerminal } from '../../src/render/qr-terminal.ts'
import { ISSUER } from './config-file.ts'
import type { Screen } from './screen.ts'

/** The link that `otpgate enroll` puts into a QR code, and the secret in it, in base32. */
export interface Link {
  readonly uri: string
  readonly secret: string
}

/**
 * Draws the QR code of the link where it fits into the window with a line to spare, else that of a
 * shorter link: the secret alone, as all else in it is what apps take for granted. Nothing where
 * neither fits, or there is no terminal.
 */
export function drawQrCode(screen: Screen, { uri, secret }: Link): void {
  const terminal = screen.terminal()
  if (!terminal.isTerminal) return
  const links = [uri, `otpauth://totp/${ISSUER}?secret=${secret}`]
  const matrix = links.map(createQrMatrix).find((each) => fits(each, terminal))
  if (matrix === undefined) {
    screen.say('(The QR code does not fit into this window.)', 'indented')
    return
  }
  screen.draw(renderQrTerminal(matrix, terminal.allowsColour ? 'colour' : 'plain'))
}

function fits(matrix: QrMatrix, { columns, rows }: Terminal): boolean {
  const size = measureQrTerminal(matrix)
  return size.columns <= columns && size.lines < rows
}
