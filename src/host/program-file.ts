import { lstatSync, readdirSync, realpathSync, type Stats, statSync } from 'node:fs'
import { join } from 'node:path'
import { toPrintable } from '../base/text.ts'
import { errnoOf } from './errno.ts'
import { trustedOwners } from './file-mode.ts'
import { findFileFlaw, findUntrustedParent } from './trusted-path.ts'

const GROUP_OR_WORLD_WRITABLE = 0o022
const ANY_EXECUTE = 0o111

/**
 * Why a program that root runs cannot be run, or could be replaced by somebody else; `undefined`: it
 * is as it should be. Symlinks are followed, and what they lead through is looked at as well.
 */
export function findProgramFlaw(path: string): string | undefined {
  try {
    const flaw = findContentFlaw(path, trustedOwners())
    const isProgram = (statSync(path).mode & ANY_EXECUTE) !== 0
    return flaw ?? (isProgram ? undefined : `${toPrintable(path)} is not executable`)
  } catch (error) {
    return describeFailure(path, error)
  }
}

/** Why a file could be changed or replaced by others than its owners, symlinks followed likewise. */
export function findContentFlaw(path: string, owners: readonly number[]): string | undefined {
  try {
    const real = realpathSync(path)
    return (
      findUntrustedParent(path, owners) ??
      findUntrustedParent(real, owners) ??
      findFileFlaw(real, statSync(real), { owners, readers: 'all' })
    )
  } catch (error) {
    return describeFailure(path, error)
  }
}

function describeFailure(path: string, error: unknown): string {
  const errno = errnoOf(error) ?? 'unknown'
  const what = errno === 'ENOENT' ? 'does not exist' : `cannot be looked at (${errno})`
  return `${toPrintable(path)} ${what}`
}

/** Entries below a directory, itself included, that others than its owners could change: their paths. */
export function findChangeable(path: string): readonly string[] {
  const stats = lstatSync(path, { throwIfNoEntry: false })
  if (stats === undefined) return []
  const own = isChangeable(stats) ? [path] : []
  if (!stats.isDirectory()) return own
  return [...own, ...readdirSync(path).flatMap((name) => findChangeable(join(path, name)))]
}

/** The mode of a symlink means nothing. */
function isChangeable(stats: Stats): boolean {
  if (!trustedOwners().includes(stats.uid)) return true
  return !stats.isSymbolicLink() && (stats.mode & GROUP_OR_WORLD_WRITABLE) !== 0
}
