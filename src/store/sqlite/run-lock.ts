import Database from 'better-sqlite3'
import { AppError } from '../../base/errors.ts'
import { toStoreError } from './sqlite-error.ts'

/**
 * Holds an empty file, which is nobody's database, the way SQLite holds one; `undefined`: another process
 * does. The kernel lets go of it when the process ends, however it does; there is no flock(2) in Node.
 * Returns what lets go of it before. Throws ERR_STORE_*.
 */
export function takeRunLock(options: {
  readonly path: string
  readonly nativeBinding: string
}): (() => void) | undefined {
  const { path, nativeBinding } = options
  let db: Database.Database | undefined
  try {
    db = new Database(path, { nativeBinding, fileMustExist: true, timeout: 0 })
    db.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    db?.close()
    const failure = toStoreError(error)
    const isHeld = failure instanceof AppError && failure.code === 'ERR_STORE_LOCKED'
    if (isHeld) return undefined
    throw failure
  }
  const held = db
  return () => held.close()
}
