import type Database from 'better-sqlite3'
import type { UnixSeconds } from '../../base/time.ts'
import type { AccountName } from '../../domain/name.ts'
import {
  ONE_TIME_CODE_KINDS,
  type OneTimeCode,
  type OneTimeCodeKind,
} from '../../domain/one-time-code.ts'
import { CLOCK_STEP_SECONDS } from '../../domain/term.ts'
import * as row from './row.ts'

/** The `one_time_code` table. */
export function openOneTimeCodeTable(db: Database.Database) {
  const select = db.prepare('SELECT * FROM one_time_code WHERE account = ? ORDER BY created_at, id')
  const indexed = db.prepare('SELECT count(*) AS count FROM one_time_code WHERE account = ?')
  const insert = db.prepare(
    `INSERT INTO one_time_code
       (id, account, kind, selector, hash, created_at, expires_at, uses_left, last_used_at, reason)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const consume = db.prepare(
    `UPDATE one_time_code SET uses_left = uses_left - 1, last_used_at = :at
     WHERE id = :id AND account = :account AND uses_left > 0
       AND (expires_at IS NULL
            OR expires_at > :at AND created_at <= :at + ${CLOCK_STEP_SECONDS})`,
  )
  const remove = db.prepare('DELETE FROM one_time_code WHERE id = ? AND account = ?')
  const removeAll = db.prepare('DELETE FROM one_time_code WHERE account = ? AND kind = ?')
  return {
    findAll: (account: AccountName): readonly OneTimeCode[] =>
      row.expectCount(select.all(account), indexed.get(account), 'code').map(toOneTimeCode),
    add: (account: AccountName, code: OneTimeCode) =>
      insert.run(
        code.id,
        account,
        code.kind,
        code.selector,
        code.hash,
        code.createdAt,
        code.expiresAt ?? null,
        code.usesLeft,
        code.lastUsedAt ?? null,
        code.reason ?? null,
      ),
    consume: (account: AccountName, id: string, at: UnixSeconds) =>
      consume.run({ account, id, at }),
    remove: (account: AccountName, id: string) => remove.run(id, account),
    removeAll: (account: AccountName, kind: OneTimeCodeKind) => removeAll.run(account, kind),
  }
}

/** One row. Throws ERR_STORE_CORRUPT. */
export function toOneTimeCode(found: row.Row): OneTimeCode {
  return {
    id: row.readText(found, 'id'),
    kind: row.readOneOf(found, 'kind', ONE_TIME_CODE_KINDS),
    selector: row.readText(found, 'selector'),
    hash: row.readText(found, 'hash'),
    createdAt: row.readTime(found, 'created_at'),
    expiresAt: row.readOptionalTime(found, 'expires_at'),
    usesLeft: row.readInteger(found, 'uses_left'),
    lastUsedAt: row.readOptionalTime(found, 'last_used_at'),
    reason: row.readOptionalText(found, 'reason'),
  }
}
