import { expect, test } from 'vitest'
import { openImage, sealImage } from '../../src/host/image.ts'

const SOURCE = '(function () { return "\u00e9" })'
const CODE_CACHE = Buffer.from([0, 1, 254, 255])
const IMAGE = sealImage({ source: SOURCE, codeCache: CODE_CACHE })

test('an image gives back what it was made of', () => {
  expect(openImage(IMAGE)).toEqual({ source: SOURCE, codeCache: CODE_CACHE })
})

test('an image that was cut off at any length is none', () => {
  for (let length = 0; length < IMAGE.length; length++) {
    expect(openImage(IMAGE.subarray(0, length)), `${length} bytes`).toBeUndefined()
  }
})

test('an image with any bit flipped is none', () => {
  for (let bit = 0; bit < IMAGE.length * 8; bit++) {
    const flipped = Buffer.from(IMAGE)
    flipped[bit >> 3] = (IMAGE[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    expect(openImage(flipped), `bit ${bit}`).toBeUndefined()
  }
})

test('an image with something behind it is none', () => {
  expect(openImage(Buffer.concat([IMAGE, Buffer.of(0)]))).toBeUndefined()
})

test('the code of another build is not run with this source', () => {
  const other = sealImage({ source: SOURCE, codeCache: Buffer.from([9, 9, 9, 9]) })
  const spliced = Buffer.concat([IMAGE.subarray(0, -CODE_CACHE.length), other.subarray(-4)])
  expect(openImage(spliced)).toBeUndefined()
})

test('a source that latin1 cannot hold is refused when the image is made', () => {
  expect(() => sealImage({ source: '"\u20ac"', codeCache: CODE_CACHE })).toThrow(RangeError)
})
