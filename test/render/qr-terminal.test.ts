import { expect, test } from 'vitest'
import { createQrMatrix } from '../../src/render/qr-matrix.ts'
import {
  measureQrTerminal,
  type QrTerminalStyle,
  renderQrTerminal,
} from '../../src/render/qr-terminal.ts'
import { OTPAUTH_SAMPLES } from '../support/otpauth-sample.ts'
import { readQrImages } from '../support/qr-reader.ts'
import { type Background, rasteriseTerminal } from '../support/terminal-raster.ts'

function readBack(style: QrTerminalStyle, background: Background): string[] {
  const screens = OTPAUTH_SAMPLES.map((uri) =>
    rasteriseTerminal(renderQrTerminal(createQrMatrix(uri), style), background),
  )
  return readQrImages(screens)
}

test('plain is read back to the very URI from a dark terminal', () => {
  expect(readBack('plain', 'dark')).toEqual(OTPAUTH_SAMPLES)
})

test('plain-inverted is read back to the very URI from a light terminal', () => {
  expect(readBack('plain-inverted', 'light')).toEqual(OTPAUTH_SAMPLES)
})

test('colour is read back to the very URI from dark and light terminals', () => {
  expect(readBack('colour', 'dark')).toEqual(OTPAUTH_SAMPLES)
  expect(readBack('colour', 'light')).toEqual(OTPAUTH_SAMPLES)
})

test('a plain style on the wrong background shows a negative, which is not read', () => {
  expect(readBack('plain', 'light')).toEqual([])
  expect(readBack('plain-inverted', 'dark')).toEqual([])
})

test.each([
  'plain',
  'plain-inverted',
  'colour',
] as const)('%s takes the room it measured', (style) => {
  const matrix = createQrMatrix('a')
  const lines = renderQrTerminal(matrix, style).split('\n')
  // Size 21 and four on every side; the odd row of modules shares its line with a light one.
  expect(measureQrTerminal(matrix)).toEqual({ columns: 29, lines: 15 })
  expect(lines).toHaveLength(15)
  for (const line of lines) expect(line.replace(/[^ ▀▄█]/g, '')).toHaveLength(29)
})

test('leaves four light modules on every side', () => {
  const lines = renderQrTerminal(createQrMatrix('a'), 'plain-inverted').split('\n')
  const blank = ' '.repeat(29)
  expect(lines.slice(0, 2)).toEqual([blank, blank])
  expect(lines[2]).toMatch(/^ {4}█▀▀▀▀▀█ .* █▀▀▀▀▀█ {4}$/)
  expect(lines[12]).toMatch(/^ {4}▀▀▀▀▀▀▀ .* {4}$/)
  expect(lines.slice(13)).toEqual([blank, blank])
})

test('plain styles have no control characters', () => {
  const matrix = createQrMatrix('a')
  expect(renderQrTerminal(matrix, 'plain')).toMatch(/^[ ▀▄█\n]+$/)
  expect(renderQrTerminal(matrix, 'plain-inverted')).toMatch(/^[ ▀▄█\n]+$/)
})

test('colour ends with every line, so that it never runs into the rest of the window', () => {
  for (const line of renderQrTerminal(createQrMatrix('a'), 'colour').split('\n')) {
    expect(line.endsWith('\u001b[0m')).toBe(true)
  }
})
