import type Database from 'better-sqlite3'
import { assertNever } from '../../base/assert.ts'
import type { UnixSeconds } from '../../base/time.ts'
import type { Account, Budget } from '../../domain/account.ts'
import type { AccountName, Uid } from '../../domain/name.ts'
import type { Override } from '../../domain/override.ts'
import type { Term } from '../../domain/term.ts'
import { FRESH_THROTTLE, type ThrottleState } from '../../domain/throttle.ts'
import * as row from './row.ts'
import { readThrottle, writeThrottle } from './throttle-column.ts'

const OVERRIDE_KINDS = ['must-enroll', 'suspended', 'waived', 'invited'] as const

const THROTTLE_COLUMN: Readonly<Record<Budget, string>> = {
  code: 'throttle_code',
  oneTimeCode: 'throttle_one_time',
  knownSource: 'throttle_known_source',
  local: 'throttle_local',
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
  const updateOverride = update(
    `override_kind = ?, override_reason = ?, override_since = ?, override_until = ?,
     override_needs_code = ?`,
  )
  const updateEnrolled = update('enrolled_at = coalesce(enrolled_at, ?)')
  // Devices, codes and sources go with it (ON DELETE CASCADE).
  const remove = db.prepare('DELETE FROM account WHERE name = ?')
  const updateLogin = update('last_login_at = max(coalesce(last_login_at, 0), ?)')
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
      updateOverride.run(...overrideColumns(override), name),
    setThrottle: (name: AccountName, budget: Budget, throttle: ThrottleState) =>
      update(`${THROTTLE_COLUMN[budget]} = ?`).run(writeThrottle(throttle), name),
    recordEnrollment: (name: AccountName, at: UnixSeconds) => updateEnrolled.run(at, name),
    remove: (name: AccountName) => remove.run(name),
    recordLogin: (name: AccountName, at: UnixSeconds) => updateLogin.run(at, name),
  }
}

/** One row. Throws ERR_STORE_CORRUPT. */
export function toAccount(found: row.Row): Account {
  return {
    name: row.readText(found, 'name') as AccountName,
    uid: row.readInteger(found, 'uid') as Uid,
    override: toOverride(found),
    throttle: {
      code: readThrottleOf(found, 'code'),
      oneTimeCode: readThrottleOf(found, 'oneTimeCode'),
      knownSource: readThrottleOf(found, 'knownSource'),
      local: readThrottleOf(found, 'local'),
    },
    createdAt: row.readTime(found, 'created_at'),
    enrolledAt: row.readOptionalTime(found, 'enrolled_at'),
    lastLoginAt: row.readOptionalTime(found, 'last_login_at'),
  }
}

/** One budget, of one row. Throws ERR_STORE_CORRUPT. */
export function readThrottleOf(found: row.Row, budget: Budget): ThrottleState {
  return readThrottle(row.readText(found, THROTTLE_COLUMN[budget]))
}

function overrideColumns(override: Override | undefined) {
  const term = override !== undefined && 'until' in override ? override : undefined
  const needsCode = override?.kind === 'invited' && override.needsCode
  return [
    override?.kind ?? null,
    override?.reason ?? null,
    term?.since ?? null,
    term?.until ?? null,
    needsCode ? 1 : 0,
  ] as const
}

/** What stands beside the devices, of one row. Throws ERR_STORE_CORRUPT. */
export function toOverride(found: row.Row): Override | undefined {
  if (found.override_kind === null) return undefined
  const kind = row.readOneOf(found, 'override_kind', OVERRIDE_KINDS)
  const reason = row.readOptionalText(found, 'override_reason')
  switch (kind) {
    case 'must-enroll':
    case 'suspended':
      return { kind, reason }
    case 'waived':
      return { kind, reason, ...toTerm(found) }
    case 'invited':
      return {
        kind,
        reason,
        ...toTerm(found),
        needsCode: row.readFlag(found, 'override_needs_code'),
      }
    default:
      return assertNever(kind)
  }
}

function toTerm(found: row.Row): Term {
  return {
    since: row.readTime(found, 'override_since'),
    until: row.readTime(found, 'override_until'),
  }
}
