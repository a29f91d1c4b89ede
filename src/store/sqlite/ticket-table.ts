import type Database from 'better-sqlite3'
import type { UnixSeconds } from '../../base/time.ts'
import type { AccountName } from '../../domain/name.ts'
import type { ConnectionHash, Ticket } from '../../domain/ticket.ts'
import * as row from './row.ts'

/** The `ticket` table. It may hold names that have no account: an excused login leaves one too. */
export function openTicketTable(db: Database.Database) {
  const select = db.prepare('SELECT * FROM ticket WHERE account = ?')
  const removeExpired = db.prepare('DELETE FROM ticket WHERE account = ? AND expires_at <= ?')
  const put = db.prepare(
    `INSERT INTO ticket (account, connection, method, expires_at) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET method = excluded.method, expires_at = excluded.expires_at`,
  )
  const remove = db.prepare('DELETE FROM ticket WHERE account = ? AND connection = ?')
  return {
    findAll: (account: AccountName): readonly Ticket[] =>
      select.all(account).filter(row.isRow).map(toTicket),
    put(account: AccountName, ticket: Ticket, at: UnixSeconds) {
      removeExpired.run(account, at)
      return put.run(account, ticket.connection, ticket.method, ticket.expiresAt)
    },
    consume: (account: AccountName, connection: ConnectionHash) => remove.run(account, connection),
  }
}

function toTicket(found: row.Row): Ticket {
  return {
    connection: row.readText(found, 'connection') as ConnectionHash,
    method: row.readOneOf(found, 'method', ['totp', 'recovery', 'excuse']),
    expiresAt: row.readTime(found, 'expires_at'),
  }
}
