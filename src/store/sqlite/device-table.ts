import type Database from 'better-sqlite3'
import type { UnixSeconds } from '../../base/time.ts'
import type { Device } from '../../domain/device.ts'
import type { AccountName } from '../../domain/name.ts'
import * as row from './row.ts'

/** The `device` table. */
export function openDeviceTable(db: Database.Database) {
  const select = db.prepare('SELECT * FROM device WHERE account = ? ORDER BY created_at, id')
  const indexed = db.prepare('SELECT count(*) AS count FROM device WHERE account = ?')
  const insert = db.prepare(
    `INSERT INTO device (id, account, label, kind, algorithm, digits, period_seconds, sealed_secret,
       key_id, last_accepted_step, created_at, confirmed_at, counts_unconfirmed, last_used_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const confirm = db.prepare(
    'UPDATE device SET confirmed_at = ?, counts_unconfirmed = 0 WHERE id = ? AND account = ?',
  )
  const accept = db.prepare(
    `UPDATE device SET last_accepted_step = :step, last_used_at = :at
     WHERE id = :id AND account = :account AND coalesce(last_accepted_step, -1) < :step`,
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
        device.periodSeconds,
        device.sealedSecret,
        device.keyId,
        device.lastAcceptedStep ?? null,
        device.createdAt,
        device.confirmedAt ?? null,
        device.countsUnconfirmed ? 1 : 0,
        device.lastUsedAt ?? null,
      ),
    confirm: (account: AccountName, id: string, at: UnixSeconds) => confirm.run(at, id, account),
    acceptStep: (account: AccountName, id: string, step: number, at: UnixSeconds) =>
      accept.run({ account, id, step, at }),
    remove: (account: AccountName, id: string) => remove.run(id, account),
  }
}

function toDevice(found: row.Row): Device {
  return {
    id: row.readText(found, 'id'),
    label: row.readText(found, 'label'),
    kind: row.readOneOf(found, 'kind', ['totp']),
    algorithm: row.readOneOf(found, 'algorithm', ['SHA1', 'SHA256', 'SHA512']),
    digits: row.readOneOf(found, 'digits', [6, 7, 8]),
    periodSeconds: row.readInteger(found, 'period_seconds'),
    sealedSecret: row.readBytes(found, 'sealed_secret'),
    keyId: row.readText(found, 'key_id'),
    lastAcceptedStep: row.readOptionalInteger(found, 'last_accepted_step'),
    createdAt: row.readTime(found, 'created_at'),
    confirmedAt: row.readOptionalTime(found, 'confirmed_at'),
    countsUnconfirmed: row.readInteger(found, 'counts_unconfirmed') === 1,
    lastUsedAt: row.readOptionalTime(found, 'last_used_at'),
  }
}
