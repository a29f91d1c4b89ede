import { crc32, deflateSync } from 'node:zlib'
import { isDark, type QrMatrix, QUIET_ZONE } from './qr-matrix.ts'

/** Wide enough to be scanned from a screen without zooming in. */
const LEAST_PIXELS = 300
/** Pixels a module at least: below, what a viewer smooths when it scales becomes unreadable. */
const LEAST_SCALE = 4

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
const BIT_DEPTH = 1
const GREYSCALE = 0
const NO_FILTER = 0

/**
 * The symbol and its quiet zone as a PNG file (ISO/IEC 15948): black on white, one bit a pixel, at
 * least 300 pixels wide, a whole number of pixels a module.
 */
export function renderQrPng(matrix: QrMatrix): Buffer {
  const modules = matrix.size + 2 * QUIET_ZONE
  const scale = Math.max(LEAST_SCALE, Math.ceil(LEAST_PIXELS / modules))
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header(modules * scale)),
    chunk('IDAT', deflateSync(scanlines(matrix, modules, scale))),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

/** Length, type, data, and the CRC over type and data. */
function chunk(type: string, data: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const whole = Buffer.alloc(typed.length + 8)
  whole.writeUInt32BE(data.length, 0)
  typed.copy(whole, 4)
  whole.writeUInt32BE(crc32(typed), typed.length + 4)
  return whole
}

/** The last three bytes, compression, filter and interlace method, have 0 as their usual value. */
function header(pixels: number): Buffer {
  const data = Buffer.alloc(13)
  data.writeUInt32BE(pixels, 0)
  data.writeUInt32BE(pixels, 4)
  data.writeUInt8(BIT_DEPTH, 8)
  data.writeUInt8(GREYSCALE, 9)
  return data
}

function scanlines(matrix: QrMatrix, modules: number, scale: number): Buffer {
  const lines: Buffer[] = []
  for (let row = 0; row < modules; row++) {
    const line = scanline(matrix, row - QUIET_ZONE, modules * scale, scale)
    for (let copy = 0; copy < scale; copy++) lines.push(line)
  }
  return Buffer.concat(lines)
}

/** One line of pixels after its filter byte, the leftmost in the highest bit; a set bit is white. */
function scanline(matrix: QrMatrix, row: number, pixels: number, scale: number): Buffer {
  const line = Buffer.alloc(1 + Math.ceil(pixels / 8), 0xff)
  line.writeUInt8(NO_FILTER, 0)
  for (let x = 0; x < pixels; x++) {
    if (!isDark(matrix, row, Math.floor(x / scale) - QUIET_ZONE)) continue
    const at = 1 + (x >> 3)
    line.writeUInt8(line.readUInt8(at) & ~(0x80 >> (x & 7)), at)
  }
  return line
}
