import { readdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** What a change of the master key leaves beside it: paths. */
export interface KeyNeighbours {
  /** The key that is to be; `undefined`: no change is under way. */
  readonly next: string | undefined
  /** Keys that were kept. */
  readonly old: readonly string[]
}

/** Nothing where the directory cannot be read: other checks complain of that. */
export function findKeyNeighbours(keyFile: string): KeyNeighbours {
  const directory = dirname(keyFile)
  const names = tryList(directory)
  const name = basename(keyFile)
  return {
    next: names.includes(`${name}.next`) ? `${keyFile}.next` : undefined,
    old: names
      .filter((each) => each.startsWith(`${name}.old-`))
      .map((each) => join(directory, each)),
  }
}

function tryList(directory: string): readonly string[] {
  try {
    return readdirSync(directory).toSorted()
  } catch {
    return []
  }
}
