import { lstatSync } from 'node:fs'
import { dirname } from 'node:path'
import { toPrintable } from '../base/text.ts'
import { findUntrustedParent } from './trusted-path.ts'

const OTHERS_ANY = 0o077

/**
 * Why somebody else than the owners could listen at a socket of ours, or ask there; `undefined`:
 * nobody can, or nothing is there. One of the two is enough against asking: the socket's own mode,
 * or that of its directory.
 */
export function findSocketFlaw(path: string, owners: readonly number[]): string | undefined {
  const shown = toPrintable(path)
  try {
    const stats = lstatSync(path)
    const parent = findUntrustedParent(path, owners)
    if (parent !== undefined) return parent
    if (!stats.isSocket()) return `${shown} is not a socket`
    if (!owners.includes(stats.uid)) return `${shown} belongs to uid ${stats.uid}`
    const isOpen = (mode: number) => (mode & OTHERS_ANY) !== 0
    const canAsk = isOpen(stats.mode) && isOpen(lstatSync(dirname(path)).mode)
    return canAsk ? `${shown} can be asked by others than root` : undefined
  } catch {
    return undefined
  }
}
