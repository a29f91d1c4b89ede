import type Database from 'better-sqlite3'
import { deviceSecretContext } from '../../src/app/device-secret.ts'
import type { Vault } from '../../src/app/ports.ts'
import type { Uid } from '../../src/domain/name.ts'
import { FRESH_THROTTLE } from '../../src/domain/throttle.ts'
import { writeThrottle } from '../../src/store/sqlite/throttle-column.ts'
import { parseName } from '../store/sample.ts'

export interface Crowd {
  /** People in all, each with one device. */
  readonly size: number
  /** How many of them, spread over the whole table, shall have a secret that opens. */
  readonly count: number
  readonly uid: Uid
  readonly secret: Buffer
  readonly vault: Vault
}

/**
 * Fills an empty database by SQL, without a sync for each row; returns the names of those whose
 * secret opens, in no order. The others' sealed secrets have the right length and random bytes.
 */
export function fillStore(db: Database.Database, crowd: Crowd): string[] {
  const { size, count, uid, secret, vault } = crowd
  const seal = (name: string, id: string) => {
    const device = { id, kind: 'totp', algorithm: 'SHA1', digits: 6, periodSeconds: 30 } as const
    return vault.seal(secret, deviceSecretContext({ name: parseName(name), uid }, device))
  }
  const bytes = seal('anybody', 'any').length
  const fresh = writeThrottle(FRESH_THROTTLE)
  db.exec('PRAGMA synchronous = OFF; PRAGMA cache_size = -500000; BEGIN')
  db.prepare(
    `WITH RECURSIVE person (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM person WHERE i + 1 < :size)
     INSERT INTO account (name, uid, throttle_code, throttle_one_time, created_at,
       enrolled_at)
     SELECT printf('p%07d', i), :uid, :fresh, :fresh, 1790000000, 1790000000 FROM person`,
  ).run({ size, uid, fresh })
  db.prepare(
    `INSERT INTO device (id, account, label, kind, algorithm, digits, period_seconds, sealed_secret,
       key_id, drift_seconds, created_at, confirmed_at, counts_unconfirmed)
     SELECT lower(hex(randomblob(16))), name, 'phone', 'totp', 'SHA1', 6, 30, randomblob(:bytes),
       :keyId, 0, 1790000000, 1790000000, 0 FROM account`,
  ).run({ bytes, keyId: vault.keyId })
  const place = db.prepare(
    "UPDATE device SET id = :id, sealed_secret = :sealed WHERE account = :name AND label = 'phone'",
  )
  const names = Array.from({ length: count }, (_, index) => nameAt(index, count, size))
  for (const [index, name] of names.entries()) {
    const id = vault.keyId + index.toString(16).padStart(24, '0')
    place.run({ id, sealed: seal(name, id), name })
  }
  db.exec('COMMIT; PRAGMA wal_checkpoint(TRUNCATE)')
  return shuffle(names)
}

function nameAt(index: number, count: number, size: number): string {
  return personName(Math.floor((index * size) / count))
}

/** Of the person in that place, counted from 0. */
export function personName(place: number): string {
  return `p${String(place).padStart(7, '0')}`
}

/** The same order in every run: by a step that has no factor in common with the length. */
function shuffle(names: readonly string[]): string[] {
  const step = 7919
  return names.map((_, index) => names[(index * step) % names.length] ?? '')
}
