import type Database from 'better-sqlite3'
import type { AccountSummary, Register } from '../../app/ports.ts'
import type { Account } from '../../domain/account.ts'
import { countRecoveryCodes } from '../../domain/account.ts'
import { toCountedDenial } from './denial-count.ts'
import { openSchemaCheck } from './migrate.ts'
import { MIGRATIONS } from './migrations/list.ts'
import { isRow } from './row.ts'
import { toStoreError } from './sqlite-error.ts'
import { type AccountTables, loadState } from './tables.ts'

/** Reads accounts; each call sees one consistent state of the file. */
export function createRegister(db: Database.Database, tables: AccountTables): Register {
  const selectDenials = db.prepare(
    'SELECT * FROM counted_denial WHERE account = ? AND count > 0 ORDER BY since',
  )
  // A newer program may have migrated the file under a process that stays.
  const assertOurSchema = openSchemaCheck(db, MIGRATIONS.length)
  const consistently = async <T>(read: () => T): Promise<T> => {
    try {
      return db
        .transaction(() => {
          assertOurSchema()
          return read()
        })
        .deferred()
    } catch (error) {
      throw toStoreError(error)
    }
  }
  const summarize = (account: Account): AccountSummary => ({
    account,
    devices: tables.device.findAll(account.name),
    recoveryCodesLeft: countRecoveryCodes(tables.oneTimeCode.findAll(account.name)),
  })
  return {
    find: (name) => consistently(() => loadState(tables, name)),
    page: (after, limit) =>
      consistently(() => tables.account.page(after ?? '', limit).map(summarize)),
    findCountedDenials: (name) =>
      consistently(() => selectDenials.all(name).filter(isRow).map(toCountedDenial)),
  }
}
