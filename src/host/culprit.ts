import { lstatSync, realpathSync, type Stats } from 'node:fs'
import { dirname } from 'node:path'

const GROUP_OR_WORLD_WRITABLE = 0o022
const STICKY = 0o1000

/** The file or directory because of which a path is not trusted. */
export interface Culprit {
  readonly path: string
  readonly isDirectory: boolean
  /** It belongs to nobody who may own it. */
  readonly isForeign: boolean
}

/**
 * The highest directory on the way to `path` that others could change, behind symlinks as well; else
 * `path` itself, or the one of `companions` that is at fault; `undefined`: none of these.
 * `forbidden`: bits that a file must not have.
 */
export function findCulprit(
  path: string,
  companions: readonly string[],
  { owners, forbidden }: { readonly owners: readonly number[]; readonly forbidden: number },
): Culprit | undefined {
  const directory = dirname(path)
  const ways = [...directoriesTo(directory), ...directoriesTo(tryReal(directory))]
  for (const at of [...new Set(ways), path, ...companions]) {
    const stats = lstatSync(at, { throwIfNoEntry: false })
    if (stats === undefined || stats.isSymbolicLink()) continue
    const isDirectory = stats.isDirectory()
    const isForeign = !owners.includes(stats.uid)
    const isOpen = isDirectory
      ? isOpenDirectory(stats, at === directory)
      : (stats.mode & forbidden) !== 0
    if (isForeign || isOpen) return { path: at, isDirectory, isForeign }
  }
  return undefined
}

/** A sticky bit helps where nobody takes files of others by their name: not where the file itself lies. */
function isOpenDirectory({ mode }: Stats, isOwn: boolean): boolean {
  return (mode & GROUP_OR_WORLD_WRITABLE) !== 0 && (isOwn || (mode & STICKY) === 0)
}

function directoriesTo(directory: string): readonly string[] {
  return directory === dirname(directory)
    ? [directory]
    : [...directoriesTo(dirname(directory)), directory]
}

function tryReal(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}
