import { lstatSync, readlinkSync, type Stats, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { toPrintable } from '../base/text.ts'

/** As many symlinks as the kernel follows in one path (path_resolution(7)). */
const SYMLINKS_FOLLOWED = 40
const GROUP_OR_WORLD_WRITABLE = 0o022
const GROUP_OR_WORLD_ANY = 0o077
const WORLD_ANY = 0o007
const STICKY = 0o1000

/**
 * Why somebody but the owners could change or replace what stands in the directory of `path`;
 * `undefined`: nobody can. Every directory from / on is looked at, also behind symlinks. A sticky
 * directory such as /tmp is fine: there only the owner of an entry can replace it, and each entry
 * on the way is demanded to be ours. System errors (ENOENT) pass through.
 */
export function findUntrustedParent(path: string, owners: readonly number[]): string | undefined {
  const ahead = absolute(path).split('/').slice(0, -1)
  let symlinks = 0
  let current = '/'
  for (let step = ahead.shift(); step !== undefined; step = ahead.shift()) {
    const entry = join(current, step)
    const stats = lstatSync(entry)
    if (stats.isSymbolicLink()) {
      if (++symlinks > SYMLINKS_FOLLOWED) return `${toPrintable(path)} has too many symlinks`
      if (!owners.includes(stats.uid)) return foreign(entry, stats)
      const target = readlinkSync(entry)
      ahead.unshift(...target.split('/'))
      if (target.startsWith('/')) current = '/'
    } else {
      const flaw = findDirectoryFlaw(entry, stats, owners)
      if (flaw !== undefined) return flaw
      current = entry
    }
  }
  return undefined
}

/** Who else than its owner may read a file. */
export type Readers = 'nobody' | 'group' | 'all'

const FORBIDDEN: Readonly<Record<Readers, number>> = {
  nobody: GROUP_OR_WORLD_ANY,
  group: WORLD_ANY,
  all: 0,
}

/** Why this is not a regular file that only the owners can change, and only its readers read. */
export function findFileFlaw(
  path: string,
  stats: Stats,
  demands: { readonly owners: readonly number[]; readonly readers: Readers },
): string | undefined {
  if (!stats.isFile()) return `${toPrintable(path)} is not a regular file`
  if (!demands.owners.includes(stats.uid)) return foreign(path, stats)
  if ((stats.mode & GROUP_OR_WORLD_WRITABLE) !== 0) return writable(path)
  if ((stats.mode & FORBIDDEN[demands.readers]) !== 0) {
    return `${toPrintable(path)} is open to group or world`
  }
  return undefined
}

function findDirectoryFlaw(
  path: string,
  stats: Stats,
  owners: readonly number[],
): string | undefined {
  if (!stats.isDirectory()) return `${toPrintable(path)} is not a directory`
  if (!owners.includes(stats.uid)) return foreign(path, stats)
  const isShared = (stats.mode & GROUP_OR_WORLD_WRITABLE) !== 0
  return isShared && (stats.mode & STICKY) === 0 ? writable(path) : undefined
}

/**
 * Why somebody else could put a file beside `path`; `undefined`: nobody can. A sticky bit does not
 * help here: SQLite takes NAME-wal and NAME-journal for its own whoever made them.
 */
export function findOpenDirectory(path: string): string | undefined {
  const directory = dirname(path)
  const isShared = (statSync(directory).mode & GROUP_OR_WORLD_WRITABLE) !== 0
  return isShared ? writable(directory) : undefined
}

/** Not `resolve`: it takes `..` away by the text, the kernel goes up from where a symlink led. */
function absolute(path: string): string {
  return path.startsWith('/') ? path : `${process.cwd()}/${path}`
}

function foreign(path: string, stats: Stats): string {
  return `${toPrintable(path)} belongs to uid ${stats.uid}`
}

function writable(path: string): string {
  return `${toPrintable(path)} is writable by group or world`
}
