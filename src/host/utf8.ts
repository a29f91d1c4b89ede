import { isUtf8 } from 'node:buffer'

/**
 * Text from bytes given as a binary (latin1) string, or `undefined` where they are not UTF-8.
 * Replacing what is invalid, as `toString('utf8')` does, would make two different names equal.
 */
export function decodeUtf8(binary: string): string | undefined {
  const bytes = Buffer.from(binary, 'latin1')
  return isUtf8(bytes) ? bytes.toString('utf8') : undefined
}
