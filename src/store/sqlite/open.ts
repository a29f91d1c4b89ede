import Database from 'better-sqlite3'
import { AppError } from '../../base/errors.ts'
import { assertOurs } from './application-id.ts'
import { isRow } from './row.ts'
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
  const db = connect(options)
  try {
    // Before any setting: to switch an empty file to WAL would write to it.
    if (!options.create) assertOurs(db)
    for (const setting of SETTINGS) db.pragma(setting)
    return db
  } catch (error) {
    db.close()
    throw toStoreError(error)
  }
}

/**
 * Brings all that is committed into the file itself, which is to get another name: its log does not come
 * along. To close it would do so, and say nothing where the disk is full. Throws ERR_STORE_*.
 */
export function emptyLog(db: Database.Database): void {
  const [found] = [db.pragma('wal_checkpoint(TRUNCATE)')].flat()
  if (isRow(found) && found.busy === 0) return
  throw new AppError('ERR_STORE_LOCKED', 'somebody else has opened what is not finished yet')
}

function connect({ path, nativeBinding, busyMilliseconds, create }: OpenOptions) {
  try {
    return new Database(path, { nativeBinding, fileMustExist: !create, timeout: busyMilliseconds })
  } catch (error) {
    if (error instanceof TypeError && error.message.includes('directory does not exist')) {
      // The one thing better-sqlite3 looks for itself, before SQLite could say it.
      throw new AppError('ERR_STORE_MISSING', 'the directory of the database does not exist', {
        cause: error,
      })
    }
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
