import { dirname } from 'node:path'
import type { RandomBytes } from '../app/ports.ts'
import { AppError } from '../base/errors.ts'
import { toPrintable } from '../base/text.ts'
import { ensureDirectory, isThere, removeFile } from '../host/path.ts'
import { unfinishedMarkOf } from '../host/unfinished.ts'
import { sweepDrafts, writeNewFile } from '../host/write-file.ts'

const KEY_MODE = 0o400
const MARK_MODE = 0o600
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
 * Makes a master key where there is none; whether it did. Key and database come and go together, so
 * one without the other is a loss that nothing new may hide: throws ERR_KEY_MISSING where only a
 * database is there, and ERR_STORE_MISSING where only a key is that no unfinished run has made.
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
  if (isThere(path)) {
    assertDatabase(databasePath)
    return false
  }
  if (isThere(databasePath)) {
    throw new AppError('ERR_KEY_MISSING', `the key file ${toPrintable(path)} does not exist`, {
      hint: `restore it: ${toPrintable(databasePath)} cannot be read with any other`,
    })
  }
  beginDatabase(databasePath)
  writeNewFile(path, randomBytes(bytes), KEY_MODE)
  return true
}

/**
 * Notes that a database is to be made, before its key is: from then on a run that was killed can be
 * told from a database that is lost. Does nothing where there is a database.
 */
export function beginDatabase(databasePath: string): void {
  ensureDirectory(dirname(databasePath), PRIVATE_DIRECTORY_MODE)
  if (isThere(databasePath)) return
  try {
    writeNewFile(unfinishedMarkOf(databasePath), '', MARK_MODE)
  } catch (error) {
    // Of a killed run, or one beside this: as good.
    if (!(error instanceof AppError) || error.code !== 'ERR_OUTPUT_EXISTS') throw error
  }
}

/** The database is made. */
export function endDatabase(databasePath: string): void {
  removeFile(unfinishedMarkOf(databasePath))
}

/** What a killed run has left is cleared up; whether the database is still to be made. */
export function isNewDatabase(databasePath: string): boolean {
  sweepDrafts(dirname(databasePath))
  return !isThere(databasePath)
}

/** The mark is looked for first: another run removes it only once its database is there. */
function assertDatabase(databasePath: string): void {
  if (isThere(unfinishedMarkOf(databasePath)) || isThere(databasePath)) return
  throw new AppError('ERR_STORE_MISSING', `the database ${toPrintable(databasePath)} is gone`, {
    hint: 'restore it from a backup; to start over, with nobody enrolled: otpgate init --new-database',
  })
}
