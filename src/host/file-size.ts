import { statSync } from 'node:fs'

/** Bytes of these files together; what is not there, or cannot be looked at, has none. */
export function sizeOf(...paths: readonly string[]): number {
  return paths.reduce((sum, path) => sum + sizeOfOne(path), 0)
}

function sizeOfOne(path: string): number {
  try {
    return statSync(path).size
  } catch {
    return 0
  }
}
