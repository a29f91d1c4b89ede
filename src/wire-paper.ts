import { AppError } from './base/errors.ts'
import { toPrintable } from './base/text.ts'
import { writeKeyFile } from './host/key-file.ts'
import { isThere } from './host/path.ts'
import { createVault } from './vault/keyring.ts'
import { PAPER_LINES, parsePaperLine, toPaperLines } from './vault/paper-key.ts'
import { type Config, readKey, type TimeLimit } from './wire.ts'
import { findKeyPlaces, readPresentNeed } from './wire-key.ts'

export { PAPER_LINES, parsePaperLine }

/** A master key as it is printed. */
export interface PaperKey {
  readonly id: string
  /** In order, from line 1 on. */
  readonly lines: readonly string[]
}

/** Throws ERR_REFUSED while the key is changed: nobody needs half of it on paper. ERR_KEY_* as well. */
export function readPaperKey(config: Config): PaperKey {
  const { keyFile } = config.store
  const [place, next] = findKeyPlaces(config)
  if (place === undefined || next !== undefined) {
    throw new AppError('ERR_REFUSED', 'the master key is being changed', {
      hint: 'finish that first: otpgate key rotate',
    })
  }
  const key = readKey(keyFile, 'key')
  const lines = toPaperLines(key)
  key.fill(0)
  return { id: place.id, lines }
}

/** The key that the bytes of all lines make. Throws ERR_SECRET_INVALID where it is not that of `id`. */
export function joinPaperKey(parts: readonly Buffer[], id: string): Buffer {
  const key = Buffer.concat(parts)
  const { keyId } = createVault(key)
  if (keyId === id) return key
  key.fill(0)
  throw new AppError('ERR_SECRET_INVALID', `the lines make the key ${keyId}, and not ${id}`, {
    hint: 'they may be of two papers; nothing was written',
  })
}

/**
 * Which keys the database waits for, where the key file is missing. Throws ERR_OUTPUT_EXISTS where there
 * is one, and ERR_STORE_*.
 */
export function findMissingKeys(
  config: Config,
  wait: Pick<TimeLimit, 'busyMilliseconds'>,
): readonly string[] {
  assertNoKey(config.store.keyFile)
  try {
    return readPresentNeed(config, wait).all
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'ERR_STORE_MISSING') throw error
    const place = toPrintable(config.store.keyFile)
    throw new AppError('ERR_STORE_MISSING', 'there is no database that the key could be for', {
      hint: `to restore a backup with it: otpgate key import --out ${place}`,
      cause: error,
    })
  }
}

/** Nobody is told to remove a key. */
function assertNoKey(path: string): void {
  if (!isThere(path)) return
  throw new AppError('ERR_OUTPUT_EXISTS', `there is a key in ${toPrintable(path)}`, {
    hint: 'to see which: otpgate key check; to write this one elsewhere: --out FILE',
  })
}

/** Throws ERR_KEY_WRONG where the database does not wait for a key of that id. */
export function assertNeeded(id: string, needed: readonly string[]): void {
  if (needed.includes(id)) return
  const what = `the database needs the key ${needed.join(' and ')}, and this is ${id}`
  throw new AppError('ERR_KEY_WRONG', what, {
    hint: 'nothing was written; into another file: otpgate key import --out FILE',
  })
}

/** Writes the key, 0400, and overwrites the bytes. Throws ERR_OUTPUT_*. */
export function writeImportedKey(path: string, key: Buffer): void {
  try {
    writeKeyFile(path, key)
  } finally {
    key.fill(0)
  }
}
