import type { KeyObject } from 'node:crypto'
import type Database from 'better-sqlite3'
import { AppError } from '../../base/errors.ts'
import type { AccountState } from '../../domain/account.ts'
import type { AccountName } from '../../domain/name.ts'
import { openAccountTable } from './account-table.ts'
import { openAttemptTable } from './attempt-table.ts'
import { openAuditWriter } from './audit-table.ts'
import { openDeviceTable } from './device-table.ts'
import { openKnownSourceTable } from './known-source-table.ts'
import { openMetaTable } from './meta-table.ts'
import { openOneTimeCodeTable } from './one-time-code-table.ts'
import { damaged } from './row.ts'
import { openTicketTable } from './ticket-table.ts'

export type AccountTables = ReturnType<typeof openAccountTables>
export type Tables = ReturnType<typeof openTables>

/** What is stored about people; to read it takes no key. Statements are prepared. */
export function openAccountTables(db: Database.Database) {
  return {
    account: openAccountTable(db),
    device: openDeviceTable(db),
    oneTimeCode: openOneTimeCodeTable(db),
    knownSource: openKnownSourceTable(db),
    ticket: openTicketTable(db),
    attempt: openAttemptTable(db),
  }
}

/** Every table a step reads or changes; `keyCheck`: what named the master key at the opening. */
export function openTables(db: Database.Database, auditKey: KeyObject, keyCheck: Buffer) {
  return {
    ...openAccountTables(db),
    audit: openAuditWriter(db, auditKey),
    /** Throws ERR_KEY_WRONG where secrets are sealed with another master key by now. */
    assertSameKey() {
      if (openMetaTable(db).read('key_check').equals(keyCheck)) return
      throw new AppError('ERR_KEY_WRONG', 'the master key was changed while this was going on', {
        hint: 'nothing was saved of it: run it again',
      })
    },
  }
}

/** All that is stored about one name, in one consistent view where a transaction is open. */
export function loadState(tables: AccountTables, name: AccountName): AccountState {
  const account = tables.account.find(name)
  const tickets = tables.ticket.findAll(name)
  const devices = tables.device.findAll(name)
  const oneTimeCodes = tables.oneTimeCode.findAll(name)
  const sources = tables.knownSource.findAll(name)
  if (account !== undefined) {
    return { kind: 'known', account, devices, oneTimeCodes, sources, tickets }
  }
  // An account that is only lost must not pass for one that never was: that could be an excuse.
  if (devices.length + oneTimeCodes.length + sources.length > 0) return damaged('account')
  return { kind: 'never-known', tickets }
}
