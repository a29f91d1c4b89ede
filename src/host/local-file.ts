import { readFileSync } from 'node:fs'
import type { LineKind } from './passwd-line.ts'

/** glibc looks for members also behind a `#`, so a comment that could be an entry is no comment. */
const SAYS_NOTHING = /^[ \t]*(?:#[^:\0]*)?$/

/** The entries of one local file, as `readLocalEntries` gives them. */
export type ReadEntries<Entry> = () => readonly Entry[] | undefined

/**
 * All entries of a local file, in their order; `undefined`: ask getent(1). That is so where the file
 * cannot be read, and where any one line is not of the plain form: the C library may make more of it
 * (blanks, signs, leading zeros) or nothing at all, and of that only it knows.
 */
export function readLocalEntries<Entry>(
  path: string,
  kind: LineKind<Entry>,
): readonly Entry[] | undefined {
  const entries = readLines(path)
    ?.filter((line) => !SAYS_NOTHING.test(line))
    .map((line) => (kind.plain.test(line) ? kind.parse(line) : undefined))
  return entries?.every((entry) => entry !== undefined) ? entries : undefined
}

/** As binary strings. */
function readLines(path: string): readonly string[] | undefined {
  try {
    return readFileSync(path, 'latin1').split('\n')
  } catch {
    return undefined
  }
}
