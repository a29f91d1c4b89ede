import type Database from 'better-sqlite3'
import { KNOWN_SOURCES, type KnownSource, type SourceKey } from '../../domain/known-source.ts'
import type { AccountName } from '../../domain/name.ts'
import * as row from './row.ts'

/** The `known_source` table. */
export function openKnownSourceTable(db: Database.Database) {
  const select = db.prepare(
    'SELECT * FROM known_source WHERE account = ? ORDER BY last_success_at DESC, network, first_factor',
  )
  const put = db.prepare(
    `INSERT INTO known_source (account, network, first_factor, last_success_at, remembered_at)
     VALUES (?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET
       last_success_at = excluded.last_success_at, remembered_at = excluded.remembered_at`,
  )
  const count = db.prepare('SELECT count(*) AS count FROM known_source WHERE account = ?')
  const removeOldest = db.prepare(
    `DELETE FROM known_source WHERE account = :account AND (network, first_factor) NOT IN (
       SELECT network, first_factor FROM known_source WHERE account = :account
       ORDER BY last_success_at DESC, network, first_factor LIMIT ${KNOWN_SOURCES})`,
  )
  const remove = db.prepare(
    'DELETE FROM known_source WHERE account = ? AND network = ? AND first_factor = ?',
  )
  const removeAll = db.prepare('DELETE FROM known_source WHERE account = ?')
  const unremember = db.prepare('UPDATE known_source SET remembered_at = NULL WHERE account = ?')
  return {
    findAll: (account: AccountName): readonly KnownSource[] =>
      select.all(account).filter(row.isRow).map(toKnownSource),
    put(account: AccountName, source: KnownSource) {
      const { network, firstFactor, lastSuccessAt, rememberedAt } = source
      put.run(account, network, firstFactor, lastSuccessAt, rememberedAt ?? null)
      const found = count.get(account)
      // To look for the oldest takes a tenth of a login: only where there are too many.
      if (!row.isRow(found) || row.readInteger(found, 'count') > KNOWN_SOURCES) {
        removeOldest.run({ account })
      }
    },
    remove: (account: AccountName, { network, firstFactor }: SourceKey) =>
      remove.run(account, network, firstFactor),
    removeAll: (account: AccountName) => removeAll.run(account),
    unremember: (account: AccountName) => unremember.run(account),
  }
}

/** One row. Throws ERR_STORE_CORRUPT. */
export function toKnownSource(found: row.Row): KnownSource {
  return {
    network: row.readText(found, 'network'),
    firstFactor: row.readText(found, 'first_factor'),
    lastSuccessAt: row.readTime(found, 'last_success_at'),
    rememberedAt: row.readOptionalTime(found, 'remembered_at'),
  }
}
