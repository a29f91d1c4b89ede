import { lstatSync } from 'node:fs'

/** Differs once the file was written to, or is another one; empty where none can be looked at. */
export function fileVersion(path: string): string {
  try {
    const { dev, ino, size, mtimeNs } = lstatSync(path, { bigint: true })
    return `${dev}:${ino}:${size}:${mtimeNs}`
  } catch {
    return ''
  }
}
