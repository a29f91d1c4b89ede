import { expect, test } from 'vitest'
import { createQrMatrix } from '../../src/render/qr-matrix.ts'
import { renderQrSvg } from '../../src/render/qr-svg.ts'
import { OTPAUTH_SAMPLES } from '../support/otpauth-sample.ts'
import { rasteriseSvg, readQrImages } from '../support/qr-reader.ts'

test('is read back to the very URI', () => {
  const images = OTPAUTH_SAMPLES.map((uri) => rasteriseSvg(renderQrSvg(createQrMatrix(uri))))
  expect(readQrImages(images)).toEqual(OTPAUTH_SAMPLES)
})

test('has a quiet zone of four modules in its view box', () => {
  expect(renderQrSvg(createQrMatrix('a'))).toContain('viewBox="0 0 29 29"')
  expect(renderQrSvg(createQrMatrix('a'))).toMatch(/ d="M4 4h7v1h-7z/)
})

test('keeps what a title says out of its markup', () => {
  const svg = renderQrSvg(createQrMatrix('a'), '</title><script x="1">&amp;\u001b\u0000')
  expect(svg).toContain(
    '<title>&lt;/title&gt;&lt;script x=&quot;1&quot;&gt;&amp;amp;\\x1b\\x00</title>',
  )
  expect(readQrImages([rasteriseSvg(svg)])).toEqual(['a'])
})

test('has no title unless given one', () => {
  expect(renderQrSvg(createQrMatrix('a'))).not.toContain('title')
})
