import type Database from 'better-sqlite3'
import type { UnixSeconds } from '../../base/time.ts'
import type { AccountName } from '../../domain/name.ts'
import { type ConnectionHash, PROOF_METHODS, type Ticket } from '../../domain/ticket.ts'
import * as row from './row.ts'

/** The `ticket` table. It may hold names that have no account: an excused login leaves one too. */
export function openTicketTable(db: Database.Database) {
  const select = db.prepare('SELECT * FROM ticket WHERE account = ?')
  const removeExpired = db.prepare('DELETE FROM ticket WHERE account = ? AND expires_at <= ?')
  const put = db.prepare(
    `INSERT INTO ticket (account, connection, method, proves_first_factor, expires_at)
     VALUES (?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET method = excluded.method,
       proves_first_factor = excluded.proves_first_factor, expires_at = excluded.expires_at`,
  )
  const remove = db.prepare('DELETE FROM ticket WHERE account = ? AND connection = ?')
  const removeAll = db.prepare('DELETE FROM ticket WHERE account = ?')
  return {
    findAll: (account: AccountName): readonly Ticket[] =>
      select.all(account).filter(row.isRow).map(toTicket),
    put(account: AccountName, ticket: Ticket, at: UnixSeconds) {
      removeExpired.run(account, at)
      const { connection, method, provesFirstFactor, expiresAt } = ticket
      return put.run(account, connection, method, provesFirstFactor ? 1 : 0, expiresAt)
    },
    consume: (account: AccountName, connection: ConnectionHash) => remove.run(account, connection),
    removeAll: (account: AccountName) => removeAll.run(account),
  }
}

function toTicket(found: row.Row): Ticket {
  return {
    connection: row.readText(found, 'connection') as ConnectionHash,
    method: row.readOneOf(found, 'method', PROOF_METHODS),
    provesFirstFactor: row.readFlag(found, 'proves_first_factor'),
    expiresAt: row.readTime(found, 'expires_at'),
  }
}
