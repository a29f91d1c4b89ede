import type Database from 'better-sqlite3'
import { AppError } from '../../base/errors.ts'
import { toPrintable } from '../../base/text.ts'
import { APPLICATION_ID } from './application-id.ts'
import { isRow, readText } from './row.ts'

/** `user_version` of the file: how many migrations it has had. */
export function readSchemaVersion(db: Database.Database): number {
  return Number(db.pragma('user_version', { simple: true }))
}

/**
 * Refuses a file that is not exactly of this program's schema, which has no trigger: one of somebody else's
 * would act on every login. The verifier never migrates.
 */
export function assertSchema(db: Database.Database, version: number): void {
  openSchemaCheck(db, version)()
  const trigger = db.prepare("SELECT name FROM main.sqlite_schema WHERE type = 'trigger'").get()
  if (!isRow(trigger)) return
  const name = toPrintable(readText(trigger, 'name'))
  throw new AppError('ERR_STORE_CORRUPT', `the database has a trigger, "${name}", and should not`, {
    hint: 'find out who made it; then restore a backup, which takes its place without it',
  })
}

/** The version alone, prepared for a process that asks again and again. */
export function openSchemaCheck(db: Database.Database, version: number): () => void {
  const select = db.prepare('PRAGMA user_version').pluck()
  return () => refuseOther(Number(select.get()), version)
}

/** How often a process that waits for a migration looks. */
const LOOK_MILLISECONDS = 20

/**
 * Waits while the file is of an older schema, and for so long at most: an upgrade puts its programs in
 * force first, and migrates at once.
 */
export function awaitSchema(db: Database.Database, version: number, milliseconds: number): void {
  const sleeper = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
  for (let left = milliseconds; left > 0 && readSchemaVersion(db) < version; ) {
    Atomics.wait(sleeper, 0, 0, LOOK_MILLISECONDS)
    left -= LOOK_MILLISECONDS
  }
}

function refuseOther(found: number, version: number): void {
  if (found === version) return
  throw new AppError('ERR_STORE_SCHEMA', `the database has schema ${found}, not ${version}`, {
    hint: found > version ? 'install the newer otpgate that wrote it' : 'run: otpgate upgrade',
  })
}

/**
 * Refuses to copy rows that belong to no account, as a program leaves them that does not switch
 * foreign keys on: which of the two was wrong is for an admin to say.
 */
function assertNoOrphans(db: Database.Database): void {
  const [orphan] = [db.pragma('foreign_key_check')].flat().filter(isRow)
  if (orphan === undefined) return
  const table = readText(orphan, 'table')
  throw new AppError('ERR_STORE_CORRUPT', `rows of the table ${table} belong to no account`, {
    hint: 'restore a backup; or look at them, with sqlite3 and: PRAGMA foreign_key_check',
  })
}

/**
 * Brings the file to the newest schema, all missing migrations in one exclusive transaction: killed
 * at any point, it is wholly old or wholly new. `seed` runs inside it when the file was empty.
 * Returns how many migrations ran.
 */
export function migrate(
  db: Database.Database,
  migrations: readonly string[],
  seed: () => void,
): number {
  const upgrade = db.transaction(() => {
    const from = runMissing(db, migrations)
    if (from === 0) {
      db.pragma(`application_id = ${APPLICATION_ID}`)
      seed()
    }
    return migrations.length - from
  })
  return upgrade.exclusive()
}

/** Runs what `migrate` would, and takes it back: how many migrations. Throws as it would. */
export function rehearseMigration(db: Database.Database, migrations: readonly string[]): number {
  db.exec('BEGIN IMMEDIATE')
  try {
    return migrations.length - runMissing(db, migrations)
  } finally {
    // Some errors have rolled it back already.
    if (db.inTransaction) db.exec('ROLLBACK')
  }
}

/** Within a transaction. Returns the schema that the file had. */
function runMissing(db: Database.Database, migrations: readonly string[]): number {
  const from = readSchemaVersion(db)
  if (from > migrations.length) assertSchema(db, migrations.length)
  if (from < migrations.length) assertNoOrphans(db)
  for (const migration of migrations.slice(from)) db.exec(migration)
  db.pragma(`user_version = ${migrations.length}`)
  return from
}
