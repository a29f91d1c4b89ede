import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type BoundedText, readBoundedFile } from './bounded-file.ts'

/** A hundred times what distributions ship. */
const MOST_BYTES = 65_536

/** The file of one PAM service. */
export interface PamFile extends BoundedText {
  readonly name: string
  readonly path: string
}

/** The files of all services. A name that several directories have is that of the first (pam.d(5)). */
export function readPamFiles(directories: readonly string[]): readonly PamFile[] {
  const files = new Map<string, PamFile>()
  for (const directory of directories) {
    for (const name of listNames(directory)) {
      const path = join(directory, name)
      const content = files.has(name) ? undefined : readBoundedFile(path, MOST_BYTES)
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
