import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The file of one PAM service. */
export interface PamFile {
  readonly name: string
  readonly path: string
  readonly text: string
}

/** The files of all services. A name that several directories have is that of the first (pam.d(5)). */
export function readPamFiles(directories: readonly string[]): readonly PamFile[] {
  const files = new Map<string, PamFile>()
  for (const directory of directories) {
    for (const name of listNames(directory)) {
      const path = join(directory, name)
      const text = files.has(name) ? undefined : tryRead(path)
      if (text !== undefined) files.set(name, { name, path, text })
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
function tryRead(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
