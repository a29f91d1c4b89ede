import type Database from 'better-sqlite3'
import type { UnixSeconds } from '../../base/time.ts'
import {
  type Device,
  LONGEST_PERIOD_SECONDS,
  SHORTEST_PERIOD_SECONDS,
} from '../../domain/device.ts'
import type { AccountName } from '../../domain/name.ts'
import * as row from './row.ts'

/** The `device` table. */
export function openDeviceTable(db: Database.Database) {
  const select = db.prepare('SELECT * FROM device WHERE account = ? ORDER BY created_at, id')
  const indexed = db.prepare('SELECT count(*) AS count FROM device WHERE account = ?')
  const insert = db.prepare(
    `INSERT INTO device (id, account, label, kind, algorithm, digits, period_seconds, sealed_secret,
       key_id, last_accepted_step, drift_seconds, created_at, confirmed_at, counts_unconfirmed,
       last_used_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const confirm = db.prepare(
    'UPDATE device SET confirmed_at = ?, counts_unconfirmed = 0 WHERE id = ? AND account = ?',
  )
  const accept = db.prepare(
    `UPDATE device SET last_accepted_step = :step, last_used_at = :at
     WHERE id = :id AND account = :account AND coalesce(last_accepted_step, -1) < :step`,
  )
  const update = (assignment: string) =>
    db.prepare(`UPDATE device SET ${assignment} WHERE id = ? AND account = ?`)
  const updateDrift = db.prepare(
    "UPDATE device SET drift_seconds = ? WHERE id = ? AND account = ? AND kind = 'totp'",
  )
  const remove = db.prepare('DELETE FROM device WHERE id = ? AND account = ?')
  return {
    findAll: (account: AccountName): readonly Device[] =>
      row.expectCount(select.all(account), indexed.get(account), 'device').map(toDevice),
    add: (account: AccountName, device: Device) =>
      insert.run(
        device.id,
        account,
        device.label,
        device.kind,
        device.algorithm,
        device.digits,
        device.kind === 'totp' ? device.periodSeconds : null,
        device.sealedSecret,
        device.keyId,
        device.lastAcceptedStep ?? null,
        device.kind === 'totp' ? device.driftSeconds : null,
        device.createdAt,
        device.confirmedAt ?? null,
        device.countsUnconfirmed ? 1 : 0,
        device.lastUsedAt ?? null,
      ),
    confirm: (account: AccountName, id: string, at: UnixSeconds) => confirm.run(at, id, account),
    acceptStep: (account: AccountName, id: string, step: number, at: UnixSeconds) =>
      accept.run({ account, id, step, at }),
    setDrift: (account: AccountName, id: string, driftSeconds: number) =>
      updateDrift.run(driftSeconds, id, account),
    moveMark: (account: AccountName, id: string, step: number) =>
      update('last_accepted_step = ?').run(step, id, account),
    rename: (account: AccountName, id: string, label: string) =>
      update('label = ?').run(label, id, account),
    reseal: (account: AccountName, id: string, sealedSecret: Buffer, keyId: string) =>
      update('sealed_secret = ?, key_id = ?').run(sealedSecret, keyId, id, account),
    remove: (account: AccountName, id: string) => remove.run(id, account),
  }
}

/** One row. Throws ERR_STORE_CORRUPT. */
export function toDevice(found: row.Row): Device {
  const common = {
    id: row.readText(found, 'id'),
    label: row.readText(found, 'label'),
    algorithm: row.readOneOf(found, 'algorithm', ['SHA1', 'SHA256', 'SHA512']),
    digits: row.readOneOf(found, 'digits', [6, 7, 8]),
    sealedSecret: row.readBytes(found, 'sealed_secret'),
    keyId: row.readText(found, 'key_id'),
    lastAcceptedStep: readMark(found),
    createdAt: row.readTime(found, 'created_at'),
    confirmedAt: row.readOptionalTime(found, 'confirmed_at'),
    countsUnconfirmed: row.readFlag(found, 'counts_unconfirmed'),
    lastUsedAt: row.readOptionalTime(found, 'last_used_at'),
  }
  const kind = row.readOneOf(found, 'kind', ['totp', 'hotp'])
  if (kind === 'hotp') {
    const isOfOtherKind = found.period_seconds !== null || found.drift_seconds !== null
    return isOfOtherKind ? row.damaged('kind') : { ...common, kind }
  }
  return {
    ...common,
    kind,
    periodSeconds: row.readIntegerWithin(
      found,
      'period_seconds',
      SHORTEST_PERIOD_SECONDS,
      LONGEST_PERIOD_SECONDS,
    ),
    driftSeconds: row.readInteger(found, 'drift_seconds'),
  }
}

/** Far beyond what any clock or button comes to, and far from where counting one up is no longer exact. */
const HIGHEST_STEP = 2 ** 48

/** The newest accepted step, of one row. Throws ERR_STORE_CORRUPT. */
export function readMark(found: row.Row): number | undefined {
  const column = 'last_accepted_step'
  return found[column] === null ? undefined : row.readIntegerWithin(found, column, 0, HIGHEST_STEP)
}
