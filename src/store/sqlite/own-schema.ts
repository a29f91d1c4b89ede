import Database from 'better-sqlite3'
import { AppError } from '../../base/errors.ts'
import { MIGRATIONS } from './migrations/list.ts'

/** Whether each table and index is as this program makes it, and nothing else is there. */
export function isOwnSchema(db: Database.Database, nativeBinding: string): boolean {
  const own = new Database(':memory:', { nativeBinding })
  try {
    for (const migration of MIGRATIONS) own.exec(migration)
    return describeSchema(own) === describeSchema(db)
  } finally {
    own.close()
  }
}

/** A trigger of somebody else's would act on every login. Throws ERR_STORE_CORRUPT. */
export function assertOwnSchema(db: Database.Database, nativeBinding: string): void {
  if (isOwnSchema(db, nativeBinding)) return
  throw new AppError('ERR_STORE_CORRUPT', 'the database has other tables than otpgate makes', {
    hint: 'look at them with: sqlite3 FILE .schema; or restore a backup',
  })
}

function describeSchema(db: Database.Database): string {
  const select = 'SELECT type, name, tbl_name, sql FROM main.sqlite_schema ORDER BY name'
  return JSON.stringify(db.prepare(select).all())
}
