import { join } from 'node:path'
import { installFile } from '../../host/install-file.ts'
import { findOddEntry, keepOddEntry } from '../../host/odd-entry.ts'
import { hashOf, readRootFile } from '../../host/root-file.ts'
import type { ChangedFile } from './journal.ts'
import type { SetupPlaces } from './places.ts'

const KEPT_SUFFIX = '.kept'
const KEPT_MODE = 0o600
const HASH_LENGTH = 12

/**
 * Keeps what somebody has made of a file, in the state directory: beside it sshd might read it, by an
 * `Include` for every name. The path of what is kept; none where nothing is there. Throws
 * ERR_OUTPUT_FAILED, ERR_REFUSED.
 */
export function keepChanged(
  { stateDirectory }: Pick<SetupPlaces, 'stateDirectory'>,
  { role, path }: ChangedFile,
): readonly string[] {
  const keptAs = (what: Uint8Array | string) =>
    join(stateDirectory, `${role}-${hashOf(what).slice(0, HASH_LENGTH)}${KEPT_SUFFIX}`)
  const odd = findOddEntry(path)
  if (odd !== undefined) {
    const kept = keptAs(odd.identity)
    keepOddEntry(path, odd, kept)
    return [kept]
  }
  const now = readRootFile(path)
  if (now === undefined) return []
  const kept = keptAs(now.bytes)
  installFile(kept, now.bytes, { mode: KEPT_MODE, uid: 0, gid: 0 })
  return [kept]
}
