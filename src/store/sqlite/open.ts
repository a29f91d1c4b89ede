import Database from 'better-sqlite3'
import { toStoreError } from './sqlite-error.ts'

export interface OpenOptions {
  readonly path: string
  /** Path of better-sqlite3's .node file: given, it is not searched for on every login. */
  readonly nativeBinding: string
  /** How long to wait for another writer, in milliseconds. */
  readonly busyMilliseconds: number
  /** Create the file where there is none; without it a missing file is an error. */
  readonly create: boolean
}

/** Opens the file with the settings that everything else relies on. Throws ERR_STORE_*. */
export function openDatabase(options: OpenOptions): Database.Database {
  try {
    const db = new Database(options.path, {
      nativeBinding: options.nativeBinding,
      fileMustExist: !options.create,
      timeout: options.busyMilliseconds,
    })
    for (const setting of SETTINGS) db.pragma(setting)
    return db
  } catch (error) {
    throw toStoreError(error)
  }
}

/**
 * WAL readers never block the writer; FULL syncs it at each commit, so that a yes survives power
 * loss. trusted_schema=OFF keeps a doctored file from running functions, secure_delete overwrites
 * what is deleted, and cell_size_check finds damaged pages earlier.
 */
const SETTINGS = [
  'journal_mode = WAL',
  'synchronous = FULL',
  'foreign_keys = ON',
  'trusted_schema = OFF',
  'secure_delete = ON',
  'cell_size_check = ON',
] as const
