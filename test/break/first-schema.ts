import { renameSync, rmSync } from 'node:fs'
import type Database from 'better-sqlite3'
import { APPLICATION_ID } from '../../src/store/sqlite/application-id.ts'
import { MIGRATIONS } from '../../src/store/sqlite/migrations/list.ts'
import { openRaw } from '../store/sqlite/sqlite-file.ts'

/** Makes a closed database what the first program would have written: what that did not know is gone. */
export function toFirstSchema(file: string): void {
  const older = `${file}.older`
  const db = openRaw(older)
  try {
    db.pragma('journal_mode = WAL')
    db.exec(MIGRATIONS[0] ?? '')
    db.pragma('user_version = 1')
    db.pragma(`application_id = ${APPLICATION_ID}`)
    db.prepare('ATTACH ? AS newer').run(file)
    for (const table of namesIn(db, "SELECT name FROM main.sqlite_schema WHERE type = 'table'")) {
      const columns = namesIn(db, `SELECT name FROM pragma_table_info('${table}', 'main')`).join()
      db.exec(`INSERT INTO main.${table} (${columns}) SELECT ${columns} FROM newer.${table}`)
    }
  } finally {
    db.close()
  }
  for (const tail of ['-wal', '-shm']) rmSync(file + tail, { force: true })
  renameSync(older, file)
}

function namesIn(db: Database.Database, query: string): readonly string[] {
  return db.prepare(query).pluck().all().map(String)
}
