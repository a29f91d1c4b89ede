import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Script } from 'node:vm'

const HASH_BYTES = 32
const LENGTH_BYTES = 4

/** A program as one JavaScript function, and the code V8 made of exactly this text. */
export interface Image {
  readonly source: string
  readonly codeCache: Buffer
}

/** Runs a program; it gets what a module of `directory` would. */
export type ImageProgram = (require: NodeJS.Require, directory: string) => void

/**
 * The program of an image file; `undefined`: it cannot be read, or is not what was built. Where V8 does
 * not take the code, as with another Node than at the build, the program only starts more slowly.
 */
export function readImage(path: string): ImageProgram | undefined {
  const image = tryToOpen(path)
  if (image === undefined) return undefined
  const { source, codeCache } = image
  return new Script(source, { filename: path, cachedData: codeCache }).runInThisContext()
}

function tryToOpen(path: string): Image | undefined {
  try {
    return openImage(readFileSync(path))
  } catch {
    return undefined
  }
}

/**
 * SHA-256 of all that follows (32) | length of the source (4) | source in latin1 | V8's code cache.
 * One file, so that neither half is ever replaced without the other. Throws for a source that latin1
 * cannot hold.
 */
export function sealImage({ source, codeCache }: Image): Buffer {
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
export function openImage(image: Buffer): Image | undefined {
  const body = image.subarray(HASH_BYTES)
  if (!hash('sha256', body, 'buffer').equals(image.subarray(0, HASH_BYTES))) return undefined
  const end = LENGTH_BYTES + body.readUInt32BE()
  const source = body.toString('latin1', LENGTH_BYTES, end)
  return { source, codeCache: body.subarray(end) }
}
