import Database from 'better-sqlite3'
import { toStoreError } from './sqlite-error.ts'

/**
 * Holds a lock by the name of a file, which is made empty where there is none, until `release` or the end
 * of the process, however that comes: there is no flock(2) in Node, and SQLite has one of the kind.
 * `undefined`: another holds it. Throws ERR_STORE_*.
 */
export function holdFile(
  path: string,
  nativeBinding: string,
): { readonly release: () => void } | undefined {
  let db: Database.Database | undefined
  try {
    db = new Database(path, { nativeBinding, timeout: 0 })
    db.pragma('journal_mode = MEMORY')
    // The lock is one of the kernel's (fcntl(2)): SIGKILL lets go of it, too. Nothing is written.
    db.exec('BEGIN EXCLUSIVE')
    const held = db
    return { release: () => held.close() }
  } catch (error) {
    db?.close()
    const isBusy = error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')
    if (isBusy) return undefined
    throw toStoreError(error)
  }
}
