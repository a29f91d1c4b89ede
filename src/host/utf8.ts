import { isUtf8 } from 'node:buffer'

/** Most of what comes is that, and a file of users has many lines. */
const IS_ASCII = /^[\0-\x7f]*$/

/**
 * Text from bytes given as a binary (latin1) string, or `undefined` where they are not UTF-8.
 * Replacing what is invalid, as `toString('utf8')` does, would make two different names equal.
 */
export function decodeUtf8(binary: string): string | undefined {
  if (IS_ASCII.test(binary)) return binary
  const bytes = Buffer.from(binary, 'latin1')
  return isUtf8(bytes) ? bytes.toString('utf8') : undefined
}
