import QRCode from 'qrcode-terminal/vendor/QRCode/index.js'
import QRErrorCorrectLevel from 'qrcode-terminal/vendor/QRCode/QRErrorCorrectLevel.js'
import { AppError } from '../base/errors.ts'

/** A QR symbol as its modules, true where dark, without quiet zone: `size` rows of `size` each. */
export interface QrMatrix {
  readonly size: number
  readonly rows: readonly (readonly boolean[])[]
}

/** Light modules to leave on every side (ISO/IEC 18004: four). */
export const QUIET_ZONE = 4

/** Bytes that the largest symbol, version 40, holds at each level (ISO/IEC 18004, table 7). */
const LONGEST_AT_M = 2331
const LONGEST_AT_L = 2953

/** Lets the encoder choose the smallest version that fits. */
const SMALLEST_VERSION = 0

/**
 * The smallest QR symbol for a text of printable ASCII, such as a percent-encoded URI. Throws
 * ERR_USAGE when no symbol holds it, TypeError for other characters: the encoder would cut each to
 * its lowest byte and print a code for another text. No message repeats the text, it is secret.
 */
export function createQrMatrix(text: string): QrMatrix {
  if (!/^[ -~]+$/.test(text)) {
    throw new TypeError('a QR code takes printable ASCII, percent-encoded')
  }
  const code = new QRCode(SMALLEST_VERSION, chooseLevel(text.length))
  code.addData(text)
  code.make()
  const size = code.getModuleCount()
  const indexes = Array.from({ length: size }, (_, index) => index)
  return { size, rows: indexes.map((row) => indexes.map((column) => code.isDark(row, column))) }
}

/** Whether the module is dark. Outside of the symbol all is light: the quiet zone. */
export function isDark(matrix: QrMatrix, row: number, column: number): boolean {
  return matrix.rows[row]?.[column] ?? false
}

/**
 * M mends 15 % of a symbol, which glare on a screen, the seams between a terminal's lines and a bad
 * print need. L mends 7 %, and is for text that has no room otherwise. H must not be used: the
 * encoder's table lacks seven blocks of its version 15. The rows of L and M are right.
 */
function chooseLevel(length: number): number {
  if (length <= LONGEST_AT_M) return QRErrorCorrectLevel.M
  if (length <= LONGEST_AT_L) return QRErrorCorrectLevel.L
  throw new AppError('ERR_USAGE', `a text of ${length} characters does not fit into a QR code`, {
    hint: `shorten the issuer or the label: ${LONGEST_AT_L} characters fit`,
  })
}
