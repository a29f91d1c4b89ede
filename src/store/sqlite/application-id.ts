import type Database from 'better-sqlite3'
import { AppError } from '../../base/errors.ts'

/** `otpg`: tells our files from other programs' (sqlite.org/pragma.html#pragma_application_id). */
export const APPLICATION_ID = 0x6f747067

/** Refuses an empty file, and another program's, before any of its tables is looked at. */
export function assertOurs(db: Database.Database): void {
  if (db.pragma('application_id', { simple: true }) === APPLICATION_ID) return
  throw new AppError('ERR_STORE_CORRUPT', 'the file is not an otpgate database', {
    hint: 'restore it from a backup, or move it away to begin anew',
  })
}
