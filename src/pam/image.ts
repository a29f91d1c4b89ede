import { hash } from 'node:crypto'

const HASH_BYTES = 32
const LENGTH_BYTES = 4

/** The verifier as one JavaScript function, and the code V8 made of exactly this text. */
export interface VerifierImage {
  readonly source: string
  readonly codeCache: Buffer
}

/**
 * SHA-256 of all that follows (32) | length of the source (4) | source in latin1 | V8's code cache.
 * One file, so that neither half is ever replaced without the other. Throws for a source that latin1
 * cannot hold.
 */
export function sealImage({ source, codeCache }: VerifierImage): Buffer {
  const text = Buffer.from(source, 'latin1')
  if (text.toString('latin1') !== source) throw new RangeError('the source is not latin1')
  const length = Buffer.alloc(LENGTH_BYTES)
  length.writeUInt32BE(text.length)
  const body = Buffer.concat([length, text, codeCache])
  return Buffer.concat([hash('sha256', body, 'buffer'), body])
}

/**
 * What `sealImage` was given; `undefined`: not one byte of the file can be believed. V8 itself checks
 * no more than versions, flags and the source's length: it runs a cache with flipped bits, or one of
 * another text. The hash takes half a millisecond, as node:crypto is needed anyway.
 */
export function openImage(image: Buffer): VerifierImage | undefined {
  const body = image.subarray(HASH_BYTES)
  if (!hash('sha256', body, 'buffer').equals(image.subarray(0, HASH_BYTES))) return undefined
  const end = LENGTH_BYTES + body.readUInt32BE()
  const source = body.toString('latin1', LENGTH_BYTES, end)
  return { source, codeCache: body.subarray(end) }
}
