import type { KeyObject } from 'node:crypto'
import type Database from 'better-sqlite3'
import type { EndedCounts } from '../../app/ports.ts'
import type { UnixSeconds } from '../../base/time.ts'
import {
  type AuditEvent,
  type AuditRow,
  COUNTED_DENIAL_SECONDS,
  canonicalAuditRow,
} from '../../domain/audit-event.ts'
import type { AuditStamp } from '../../domain/change.ts'
import { auditMac, readAuditHead, writeAuditHead } from './audit-head.ts'
import { endCounts } from './denial-count.ts'
import { openMetaTable } from './meta-table.ts'
import { isRow, readInteger } from './row.ts'

type Denial = AuditEvent & { readonly reason: string }

/** Writes to the `audit` table. Only within a transaction: row and head belong together. */
export function openAuditWriter(db: Database.Database, key: KeyObject) {
  const meta = openMetaTable(db)
  const insert = db.prepare(
    `INSERT INTO audit (seq, at, actor, action, account, service, address, method, rule, device,
       first_factor, outcome, reason, completes, count, previous_hash, hash)
     VALUES (:seq, :at, :actor, :action, :account, :service, :address, :method, :rule, :device,
       :firstFactor, :outcome, :reason, :completes, :count, :previousHash, :hash)`,
  )
  const counting = openDenialCounter(db)

  function append(account: string, event: AuditEvent, count = 1): AuditStamp {
    const head = readAuditHead(key, meta.read('audit_head'))
    const linked = { ...event, account, count, seq: head.seq + 1, previousHash: head.hash }
    const hash = auditMac(key, canonicalAuditRow(linked))
    insert.run({ ...EMPTY_COLUMNS, ...linked, hash })
    const stamp = { seq: linked.seq, hash }
    meta.write('audit_head', writeAuditHead(key, stamp))
    return stamp
  }

  return {
    append,
    /** The stamp of the row it wrote, or `undefined` where the denial was only counted. */
    countDenial(account: string, denial: Denial): AuditStamp | undefined {
      const missed = counting.count(account, denial)
      return missed === undefined ? undefined : append(account, denial, missed + 1)
    },
    /** As `Upkeep.endDenialCounts`. */
    endDenialCounts(now: UnixSeconds, limit: number): EndedCounts {
      const ended = endCounts(db, now, limit)
      const missed = ended.filter(({ count }) => count > 0)
      for (const { account, reason, lastAt: at, count } of missed) {
        append(account, { at, actor: 'pam', action: 'login', outcome: 'denied', reason }, count)
      }
      return { ended: ended.length, recorded: missed.length }
    },
  }
}

const EMPTY_COLUMNS = {
  service: null,
  address: null,
  method: null,
  rule: null,
  device: null,
  firstFactor: null,
  reason: null,
  completes: null,
} as const satisfies Partial<Record<keyof AuditRow, null>>

/** The `counted_denial` table: equal denials that have no row of their own. */
function openDenialCounter(db: Database.Database) {
  const bump = db.prepare(
    `UPDATE counted_denial SET count = count + 1, last_at = :at
     WHERE account = :account AND reason = :reason AND :at BETWEEN since AND since + :window`,
  )
  const missed = db.prepare('SELECT count FROM counted_denial WHERE account = ? AND reason = ?')
  const restart = db.prepare(
    `INSERT INTO counted_denial (account, reason, since, last_at, count) VALUES (:account, :reason, :at, :at, 0)
     ON CONFLICT DO UPDATE SET since = excluded.since, last_at = excluded.last_at, count = 0`,
  )
  return {
    /** `undefined`: counted. A number: this one needs a row, and so many before it had none. */
    count(account: string, { reason, at }: Denial): number | undefined {
      const window = COUNTED_DENIAL_SECONDS
      if (bump.run({ account, reason, at, window }).changes > 0) return undefined
      const found = missed.get(account, reason)
      restart.run({ account, reason, at })
      return isRow(found) ? readInteger(found, 'count') : 0
    },
  }
}
