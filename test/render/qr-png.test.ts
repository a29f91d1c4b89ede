import { expect, test } from 'vitest'
import { createQrMatrix } from '../../src/render/qr-matrix.ts'
import { renderQrPng } from '../../src/render/qr-png.ts'
import { OTPAUTH_SAMPLES } from '../support/otpauth-sample.ts'
import { readQrImages } from '../support/qr-reader.ts'

/** Width and height stand first in IHDR, the first chunk (ISO/IEC 15948, 11.2.2). */
function pixelsOf(png: Buffer): { width: number; height: number } {
  return { width: png.readUInt32BE(16), height: png.readUInt32BE(20) }
}

test('is read back to the very URI', () => {
  const images = OTPAUTH_SAMPLES.map((uri) => renderQrPng(createQrMatrix(uri)))
  expect(readQrImages(images)).toEqual(OTPAUTH_SAMPLES)
})

test.each([1, 150, 1000, 2953])('is square and wide enough for %i characters', (length) => {
  const matrix = createQrMatrix('a'.repeat(length))
  const { width, height } = pixelsOf(renderQrPng(matrix))
  expect(height).toBe(width)
  expect(width).toBeGreaterThanOrEqual(300)
  // A whole number of pixels a module, or edges blur.
  expect(width % (matrix.size + 8)).toBe(0)
  expect(width / (matrix.size + 8)).toBeGreaterThanOrEqual(4)
})
