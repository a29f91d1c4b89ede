import { readSync } from 'node:fs'
import { errnoOf } from './errno.ts'

/**
 * The bytes of `fd` up to its end, but at most `limit`. `waitForMore` is called where nothing is
 * there yet (EAGAIN); without it that is an error like any other. System errors pass through.
 */
export function readBounded(fd: number, limit: number, waitForMore?: () => void): Buffer {
  const bytes = Buffer.alloc(limit)
  let length = 0
  while (length < limit) {
    const count = readSome(fd, bytes.subarray(length), waitForMore)
    if (count === 0) break
    length += count
  }
  return bytes.subarray(0, length)
}

/** One read: how many bytes came, 0 at the end. */
export function readSome(fd: number, into: Buffer, waitForMore?: () => void): number {
  for (;;) {
    try {
      return readSync(fd, into, 0, into.length, null)
    } catch (error) {
      if (errnoOf(error) !== 'EAGAIN' || waitForMore === undefined) throw error
      waitForMore()
    }
  }
}
