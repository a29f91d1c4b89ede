import { statfsSync } from 'node:fs'

/**
 * What an ordinary process may still use of the file system that `path` is on. `freeInodes` is not
 * there where the file system makes them as it needs them. `undefined`: it could not be asked.
 */
export function findDiskRoom(
  path: string,
): { readonly freeBytes: number; readonly freeInodes: number | undefined } | undefined {
  try {
    const { bavail, bsize, files, ffree } = statfsSync(path)
    return { freeBytes: bavail * bsize, freeInodes: files === 0 ? undefined : ffree }
  } catch {
    return undefined
  }
}
