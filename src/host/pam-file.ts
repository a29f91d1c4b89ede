import { closeSync, constants, fstatSync, openSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { readBounded } from './read-bounded.ts'

/** A hundred times what distributions ship. */
const MOST_BYTES = 65_536

/** The file of one PAM service. */
export interface PamFile {
  readonly name: string
  readonly path: string
  readonly text: string
  /** Why it was not read; `undefined`: it was. */
  readonly flaw?: string
}

/** The files of all services. A name that several directories have is that of the first (pam.d(5)). */
export function readPamFiles(directories: readonly string[]): readonly PamFile[] {
  const files = new Map<string, PamFile>()
  for (const directory of directories) {
    for (const name of listNames(directory)) {
      const path = join(directory, name)
      const content = files.has(name) ? undefined : tryRead(path)
      if (content !== undefined) files.set(name, { name, path, ...content })
    }
  }
  return [...files.values()]
}

function listNames(directory: string): readonly string[] {
  try {
    return readdirSync(directory).toSorted()
  } catch {
    return []
  }
}

/** `undefined` for a directory, and for what nobody can read. */
function tryRead(path: string): Omit<PamFile, 'name' | 'path'> | undefined {
  try {
    // O_NONBLOCK: to open a FIFO would wait for somebody to write.
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      return readOpen(fd)
    } finally {
      closeSync(fd)
    }
  } catch {
    return undefined
  }
}

function readOpen(fd: number): Omit<PamFile, 'name' | 'path'> | undefined {
  const stats = fstatSync(fd)
  if (stats.isDirectory()) return undefined
  if (!stats.isFile()) return { text: '', flaw: 'is not a regular file' }
  const bytes = readBounded(fd, MOST_BYTES + 1)
  if (bytes.length > MOST_BYTES) return { text: '', flaw: `has more than ${MOST_BYTES} bytes` }
  return { text: bytes.toString('utf8') }
}
