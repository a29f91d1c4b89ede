import type Database from 'better-sqlite3'
import { assertNever } from '../../base/assert.ts'
import { addSeconds, type UnixSeconds } from '../../base/time.ts'
import { ATTEMPT_LIFETIME_SECONDS } from '../../domain/answer-once.ts'
import type { AttemptId, Kept } from '../../domain/attempt.ts'
import type { KeepAnswer, KeepCharge } from '../../domain/change.ts'
import type { AccountName } from '../../domain/name.ts'
import { CLOCK_STEP_SECONDS } from '../../domain/term.ts'
import { PROOF_METHODS } from '../../domain/ticket.ts'
import * as row from './row.ts'

/** Beyond it the row is from before the clock was set back. */
const LATEST_END_SECONDS = ATTEMPT_LIFETIME_SECONDS + CLOCK_STEP_SECONDS

/** The `attempt` table: what was charged, or answered with yes. It may hold names without account. */
export function openAttemptTable(db: Database.Database) {
  const select = db.prepare(
    `SELECT * FROM attempt WHERE account = :account AND id = :id
     AND expires_at > :now AND expires_at <= :latest`,
  )
  const removeExpired = db.prepare('DELETE FROM attempt WHERE account = ? AND expires_at <= ?')
  const put = db.prepare(
    `INSERT INTO attempt (account, id, outcome, method, device, rule, charged_at, completes, expires_at)
     VALUES (:account, :id, :outcome, :method, :device, :rule, :chargedAt, :completes, :expiresAt)
     ON CONFLICT DO UPDATE SET outcome = excluded.outcome, method = excluded.method,
       device = excluded.device, rule = excluded.rule, charged_at = NULL, completes = NULL
     WHERE outcome = 'charged'`,
  )
  const removeAll = db.prepare('DELETE FROM attempt WHERE account = ?')
  return {
    find(account: AccountName, id: AttemptId, now: UnixSeconds): Kept | undefined {
      const latest = addSeconds(now, LATEST_END_SECONDS)
      const found = select.get({ account, id, now, latest })
      return row.isRow(found) ? toKept(found) : undefined
    },
    addAnswer(account: AccountName, { attempt: id, answer, at, expiresAt }: KeepAnswer) {
      removeExpired.run(account, at)
      return put.run({ ...NOTHING, ...answer, account, id, expiresAt })
    },
    addCharge(
      account: AccountName,
      { attempt: id, at, expiresAt }: KeepCharge,
      completes: number | undefined,
    ) {
      removeExpired.run(account, at)
      const charge = { outcome: 'charged', chargedAt: at, completes: completes ?? null }
      return put.run({ ...NOTHING, ...charge, account, id, expiresAt })
    },
    removeAll: (account: AccountName) => removeAll.run(account),
  }
}

const NOTHING = {
  method: null,
  device: null,
  rule: null,
  chargedAt: null,
  completes: null,
} as const

function toKept(found: row.Row): Kept {
  const outcome = row.readOneOf(found, 'outcome', ['accepted', 'excused', 'charged'])
  switch (outcome) {
    case 'excused':
      return { outcome, rule: row.readText(found, 'rule') }
    case 'charged':
      return {
        outcome,
        chargedAt: row.readTime(found, 'charged_at'),
        completes: row.readOptionalInteger(found, 'completes'),
      }
    case 'accepted': {
      const device = row.readOptionalText(found, 'device')
      const method = row.readOneOf(found, 'method', PROOF_METHODS)
      return { outcome, method, ...(device === undefined ? {} : { device }) }
    }
    default:
      return assertNever(outcome)
  }
}
