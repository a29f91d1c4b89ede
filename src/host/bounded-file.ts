import { closeSync, constants, fstatSync, openSync } from 'node:fs'
import { readBounded } from './read-bounded.ts'

/** `flaw`: why a file was not read, as in "FILE is not a regular file"; its text is empty then. */
export interface BoundedText {
  readonly text: string
  readonly flaw?: string
}

/** A file of the host's, in UTF-8; `undefined` for a directory, and for what nobody can read. */
export function readBoundedFile(path: string, limit: number): BoundedText | undefined {
  try {
    // O_NONBLOCK: to open a FIFO would wait for somebody to write.
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      return readOpen(fd, limit)
    } finally {
      closeSync(fd)
    }
  } catch {
    return undefined
  }
}

function readOpen(fd: number, limit: number): BoundedText | undefined {
  const stats = fstatSync(fd)
  if (stats.isDirectory()) return undefined
  if (!stats.isFile()) return { text: '', flaw: 'is not a regular file' }
  const bytes = readBounded(fd, limit + 1)
  if (bytes.length > limit) return { text: '', flaw: `has more than ${limit} bytes` }
  return { text: bytes.toString('utf8') }
}
