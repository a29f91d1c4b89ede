import { statSync } from 'node:fs'
import { type ReadEntries, readLocalEntries } from './local-file.ts'
import type { LineKind } from './passwd-line.ts'

/** A file that was changed a moment ago may be changed once more without its times showing it. */
const UNSETTLED_MILLISECONDS = 2000

/**
 * A local file's entries, for a process that stays: it is parsed again only once it is another or has
 * changed (stat(2)). Thousands of lines take longer to parse than all the rest of a login.
 */
export function cacheEntries<Entry>(path: string, kind: LineKind<Entry>): ReadEntries<Entry> {
  let kept:
    | { readonly identity: string; readonly entries: readonly Entry[] | undefined }
    | undefined
  return () => {
    const identity = identify(path)
    if (kept === undefined || kept.identity !== identity) {
      const entries = readLocalEntries(path, kind)
      if (identity === undefined) return entries
      kept = { identity, entries }
    }
    return kept.entries
  }
}

/** `undefined`: not there, or changed so lately that it may not be kept. */
function identify(path: string): string | undefined {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false })
  if (stats === undefined) return undefined
  const { dev, ino, size, mtimeNs, ctimeNs } = stats
  // In the future, too: the clock was set back, and the next change may get the same time.
  const age = Date.now() - Number(ctimeNs / 1_000_000n)
  return age < UNSETTLED_MILLISECONDS ? undefined : [dev, ino, size, mtimeNs, ctimeNs].join(' ')
}
