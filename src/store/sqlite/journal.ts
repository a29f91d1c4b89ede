import type Database from 'better-sqlite3'
import type { AuditVerification, Journal } from '../../app/ports.ts'
import { AppError } from '../../base/errors.ts'
import { type AuditRow, canonicalAuditRow } from '../../domain/audit-event.ts'
import type { AuditStamp } from '../../domain/change.ts'
import { auditMac, GENESIS, readAuditHead } from './audit-head.ts'
import { openMetaTable } from './meta-table.ts'
import * as row from './row.ts'
import { toStoreError } from './sqlite-error.ts'

const ACTIONS = [
  'login',
  'enroll',
  'confirm',
  'show-secret',
  'reset',
  'unlock',
  'recovery-new',
] as const satisfies readonly AuditRow['action'][]
const OUTCOMES = [
  'accepted',
  'excused',
  'denied',
  'unfinished',
  'done',
] as const satisfies readonly AuditRow['outcome'][]

/** Reads the `audit` table. */
export function createJournal(db: Database.Database, auditKey: Buffer): Journal {
  const select = db.prepare(
    `SELECT * FROM audit WHERE seq > :afterSeq
       AND (:account IS NULL OR account = :account) AND (:since IS NULL OR at >= :since)
       AND (:outcome IS NULL OR outcome = :outcome)
     ORDER BY seq LIMIT :limit`,
  )
  return {
    async read(filter, afterSeq, limit) {
      try {
        const { account = null, since = null } = filter
        const outcome = filter.withoutCode ? 'excused' : null
        return select
          .all({ account, since, outcome, afterSeq, limit })
          .filter(row.isRow)
          .map(toAuditRow)
      } catch (error) {
        throw toStoreError(error)
      }
    },
    async verify() {
      try {
        return db.transaction(() => verifyChain(db, auditKey)).deferred()
      } catch (error) {
        throw toStoreError(error)
      }
    },
  }
}

/** Walks the chain from its first row to the head: an edit, a hole and a cut tail all show. */
function verifyChain(db: Database.Database, key: Buffer): AuditVerification {
  let last = GENESIS
  for (const found of db.prepare('SELECT * FROM audit ORDER BY seq').iterate()) {
    if (!row.isRow(found)) return row.damaged('audit')
    const seq = row.readInteger(found, 'seq')
    const link = checkLink(found, last, key)
    if (link.kind === 'flawed') return { rows: last.seq, problem: { seq, what: link.what } }
    last = { seq, hash: link.hash }
  }
  return { rows: last.seq, problem: findEndProblem(db, last, key) }
}

function findEndProblem(
  db: Database.Database,
  last: AuditStamp,
  key: Buffer,
): AuditVerification['problem'] {
  const head = orUndefined(() => readAuditHead(key, openMetaTable(db).read('audit_head')))
  if (head === undefined) {
    return { seq: last.seq, what: 'the record of where the log ends was changed' }
  }
  const isWhole = head.seq === last.seq && head.hash === last.hash
  return isWhole ? undefined : { seq: head.seq, what: 'the last rows are missing' }
}

type Link =
  | { readonly kind: 'sound'; readonly hash: string }
  | { readonly kind: 'flawed'; readonly what: string }

function checkLink(found: row.Row, last: AuditStamp, key: Buffer): Link {
  const flawed = (what: string): Link => ({ kind: 'flawed', what })
  const audit = orUndefined(() => toAuditRow(found))
  if (audit === undefined) return flawed('it holds a value that was never written')
  if (audit.seq !== last.seq + 1) return flawed(`rows are missing after ${last.seq}`)
  if (audit.previousHash !== last.hash) return flawed('it does not follow the row before')
  const { hash, ...content } = audit
  const isSound = auditMac(key, canonicalAuditRow(content)) === hash
  return isSound ? { kind: 'sound', hash } : flawed('it was changed')
}

/** What cannot be read is what somebody has changed: for the check that is a finding. */
function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof AppError) return undefined
    throw error
  }
}

function toAuditRow(found: row.Row): AuditRow {
  const optional = <K extends string>(key: K, column: string): Partial<Record<K, string>> => {
    const value = row.readOptionalText(found, column)
    return value === undefined ? {} : ({ [key]: value } as Record<K, string>)
  }
  const completes = row.readOptionalInteger(found, 'completes')
  return {
    seq: row.readInteger(found, 'seq'),
    at: row.readTime(found, 'at'),
    actor: row.readText(found, 'actor'),
    action: row.readOneOf(found, 'action', ACTIONS),
    account: row.readText(found, 'account'),
    ...optional('service', 'service'),
    ...optional('address', 'address'),
    ...optional('method', 'method'),
    ...optional('rule', 'rule'),
    ...optional('device', 'device'),
    ...optional('firstFactor', 'first_factor'),
    outcome: row.readOneOf(found, 'outcome', OUTCOMES),
    ...optional('reason', 'reason'),
    ...(completes === undefined ? {} : { completes }),
    count: row.readInteger(found, 'count'),
    previousHash: row.readText(found, 'previous_hash'),
    hash: row.readText(found, 'hash'),
  }
}
