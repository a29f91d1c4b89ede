import type Database from 'better-sqlite3'
import type { UnixSeconds } from '../../base/time.ts'
import type { Account, Budget, Override } from '../../domain/account.ts'
import type { AccountName, Uid } from '../../domain/name.ts'
import { FRESH_THROTTLE, type ThrottleState } from '../../domain/throttle.ts'
import * as row from './row.ts'
import { readThrottle, writeThrottle } from './throttle-column.ts'

const THROTTLE_COLUMN: Readonly<Record<Budget, string>> = {
  code: 'throttle_code',
  oneTimeCode: 'throttle_one_time',
}

/** The `account` table. */
export function openAccountTable(db: Database.Database) {
  const select = db.prepare('SELECT * FROM account WHERE name = ?')
  const selectPage = db.prepare('SELECT * FROM account WHERE name > ? ORDER BY name LIMIT ?')
  const insert = db.prepare(
    `INSERT INTO account (name, uid, throttle_code, throttle_one_time, created_at)
     VALUES (?, ?, ?, ?, ?)`,
  )
  const update = (assignment: string) =>
    db.prepare(`UPDATE account SET ${assignment} WHERE name = ?`)
  const updateUid = update('uid = ?')
  const updateOverride = update('override_kind = ?, override_reason = ?')
  const updateLogin = update('last_login_at = ?')
  return {
    find(name: AccountName): Account | undefined {
      const found = select.get(name)
      return row.isRow(found) ? toAccount(found) : undefined
    },
    page(after: string, limit: number): readonly Account[] {
      return selectPage.all(after, limit).filter(row.isRow).map(toAccount)
    },
    create(name: AccountName, uid: Uid, at: UnixSeconds) {
      const fresh = writeThrottle(FRESH_THROTTLE)
      return insert.run(name, uid, fresh, fresh, at)
    },
    setUid: (name: AccountName, uid: Uid) => updateUid.run(uid, name),
    setOverride: (name: AccountName, override: Override | undefined) =>
      updateOverride.run(override?.kind ?? null, override?.reason ?? null, name),
    setThrottle: (name: AccountName, budget: Budget, throttle: ThrottleState) =>
      update(`${THROTTLE_COLUMN[budget]} = ?`).run(writeThrottle(throttle), name),
    recordLogin: (name: AccountName, at: UnixSeconds) => updateLogin.run(at, name),
  }
}

function toAccount(found: row.Row): Account {
  return {
    name: row.readText(found, 'name') as AccountName,
    uid: row.readInteger(found, 'uid') as Uid,
    override: toOverride(found),
    throttle: {
      code: readThrottle(row.readText(found, THROTTLE_COLUMN.code)),
      oneTimeCode: readThrottle(row.readText(found, THROTTLE_COLUMN.oneTimeCode)),
    },
    createdAt: row.readTime(found, 'created_at'),
    lastLoginAt: row.readOptionalTime(found, 'last_login_at'),
  }
}

function toOverride(found: row.Row): Override | undefined {
  if (found.override_kind === null) return undefined
  return {
    kind: row.readOneOf(found, 'override_kind', ['must-enroll']),
    reason: row.readOptionalText(found, 'override_reason'),
  }
}
