import { dirname } from 'node:path'
import type { RandomBytes } from '../app/ports.ts'
import { AppError } from '../base/errors.ts'
import { toPrintable } from '../base/text.ts'
import { ensureDirectory, isThere } from '../host/path.ts'
import { sweepDrafts, writeNewFile } from '../host/write-file.ts'

const KEY_MODE = 0o400
const CONFIG_MODE = 0o644
const OPEN_DIRECTORY_MODE = 0o755
const PRIVATE_DIRECTORY_MODE = 0o700

/** Writes the configuration where there is none; whether it did. Its directory is for all to read. */
export function ensureConfigFile(path: string, text: string): boolean {
  if (isThere(path)) return false
  ensureDirectory(dirname(path), OPEN_DIRECTORY_MODE)
  writeNewFile(path, text, CONFIG_MODE)
  return true
}

/**
 * Makes a master key where there is none; whether it did. Throws ERR_KEY_MISSING where a database is
 * there already: a new key would open nothing in it, and hide that the old one is lost.
 */
export function ensureKeyFile(
  path: string,
  databasePath: string,
  bytes: number,
  randomBytes: RandomBytes,
): boolean {
  ensureDirectory(dirname(path), OPEN_DIRECTORY_MODE)
  // A run that was killed may have left a second name of the key.
  sweepDrafts(dirname(path))
  if (isThere(path)) return false
  if (isThere(databasePath)) {
    throw new AppError('ERR_KEY_MISSING', `the key file ${toPrintable(path)} does not exist`, {
      hint: `restore it: ${toPrintable(databasePath)} cannot be read with any other`,
    })
  }
  writeNewFile(path, randomBytes(bytes), KEY_MODE)
  return true
}

/** The directory of the database; whether the database is still to be made. */
export function ensureStoreDirectory(databasePath: string): boolean {
  ensureDirectory(dirname(databasePath), PRIVATE_DIRECTORY_MODE)
  sweepDrafts(dirname(databasePath))
  return !isThere(databasePath)
}
