import type Database from 'better-sqlite3'
import type { UnixSeconds } from '../../base/time.ts'
import type { Answered, AttemptId } from '../../domain/attempt.ts'
import type { KeepAnswer } from '../../domain/change.ts'
import type { AccountName } from '../../domain/name.ts'
import { PROOF_METHODS } from '../../domain/ticket.ts'
import * as row from './row.ts'

/** The `attempt` table: what was answered with yes. It may hold names that have no account. */
export function openAttemptTable(db: Database.Database) {
  const select = db.prepare('SELECT * FROM attempt WHERE account = ? AND id = ? AND expires_at > ?')
  const removeExpired = db.prepare('DELETE FROM attempt WHERE account = ? AND expires_at <= ?')
  const add = db.prepare(
    `INSERT INTO attempt (account, id, outcome, method, device, rule, expires_at)
     VALUES (:account, :id, :outcome, :method, :device, :rule, :expiresAt)`,
  )
  const removeAll = db.prepare('DELETE FROM attempt WHERE account = ?')
  return {
    find(account: AccountName, id: AttemptId, now: UnixSeconds): Answered | undefined {
      const found = select.get(account, id, now)
      return row.isRow(found) ? toAnswer(found) : undefined
    },
    add(account: AccountName, { attempt, answer, at, expiresAt }: KeepAnswer) {
      removeExpired.run(account, at)
      return add.run({ ...NOTHING, ...answer, account, id: attempt, expiresAt })
    },
    removeAll: (account: AccountName) => removeAll.run(account),
  }
}

const NOTHING = { method: null, device: null, rule: null } as const

function toAnswer(found: row.Row): Answered {
  const outcome = row.readOneOf(found, 'outcome', ['accepted', 'excused'])
  if (outcome === 'excused') return { outcome, rule: row.readText(found, 'rule') }
  const method = row.readOneOf(found, 'method', PROOF_METHODS)
  const device = row.readOptionalText(found, 'device')
  return { outcome, method, ...(device === undefined ? {} : { device }) }
}
