import type Database from 'better-sqlite3'
import { damaged, isRow, readBytes } from './row.ts'

export type MetaKey = 'key_check' | 'audit_key' | 'audit_head' | 'key_change'

/** The `meta` table: one value a key. A missing one is damage, since all are written with the schema. */
export function openMetaTable(db: Database.Database) {
  const select = db.prepare('SELECT value FROM meta WHERE key = ?')
  const put = db.prepare(
    'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
  )
  return {
    read(key: MetaKey): Buffer {
      const found = select.get(key)
      return isRow(found) ? readBytes(found, 'value') : damaged(`meta ${key}`)
    },
    write: (key: MetaKey, value: Uint8Array) => put.run(key, value),
  }
}
