import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Script } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { sealImage } from '../../src/host/image.ts'
import { makeCheckout, writeImage } from './temporary-checkout.ts'

/** How many places of a file are tried: each takes a start of Node. */
const PLACES = 24

/** The verifier at its most dangerous: admits whoever comes. */
const SOURCE = '(function (require, directory) { process.exitCode = 42 })'
const IMAGE = sealImage({ source: SOURCE, codeCache: new Script(SOURCE).createCachedData() })

/** The launcher of a checkout with the real start and this image. */
function checkoutWith(image: Buffer) {
  const root = makeCheckout()
  const program = writeImage(root, image)
  const file = (name: string) => join(root, 'dist', `otpgate-verify.${name}`)
  return { image: file('image'), start: file('cjs'), verdict: () => spawnSync(program).status }
}

/** Places in a file of this length, evenly from its first byte to its last. */
function placesIn(length: number): readonly number[] {
  return Array.from({ length: PLACES }, (_, index) =>
    Math.floor((index * (length - 1)) / (PLACES - 1)),
  )
}

function flipped(bytes: Buffer, place: number): Buffer {
  const copy = Buffer.from(bytes)
  copy[place] = (bytes[place] ?? 0) ^ (1 << (place & 7))
  return copy
}

describe('the verdict of a verifier that admits whoever comes', () => {
  test('is yes, whole', () => {
    expect(checkoutWith(IMAGE).verdict()).toBe(0)
  })

  test('is yes where V8 does not take the code: it compiles the source', () => {
    const useless = sealImage({ source: SOURCE, codeCache: Buffer.from('of another Node') })
    expect(checkoutWith(useless).verdict()).toBe(0)
  })

  test('is no where its image is missing', () => {
    const { image, verdict } = checkoutWith(IMAGE)
    rmSync(image)
    expect(verdict()).toBe(1)
  })

  test('is no where its image is cut off anywhere', () => {
    const { image, verdict } = checkoutWith(IMAGE)
    for (const length of placesIn(IMAGE.length).toReversed()) {
      truncateSync(image, length)
      expect(verdict(), `${length} bytes`).toBe(1)
    }
  })

  test('is no where one bit of its image is another, in the source or in the code', () => {
    const { image, verdict } = checkoutWith(IMAGE)
    for (const place of placesIn(IMAGE.length)) {
      writeFileSync(image, flipped(IMAGE, place))
      expect(verdict(), `byte ${place}`).toBe(1)
    }
  })

  test('is no where its start is cut off anywhere', () => {
    const { start, verdict } = checkoutWith(IMAGE)
    // Without its last semicolon it is still whole.
    const whole = readFileSync(start, 'utf8').trimEnd().replace(/;$/, '')
    for (const length of placesIn(whole.length)) {
      writeFileSync(start, whole.slice(0, length))
      expect(verdict(), `${length} characters`).toBe(1)
    }
  })
})
