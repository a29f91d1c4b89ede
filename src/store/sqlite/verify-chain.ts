import type { KeyObject } from 'node:crypto'
import type Database from 'better-sqlite3'
import type { AuditVerification } from '../../app/ports.ts'
import { ifPossible } from '../../base/errors.ts'
import { canonicalAuditRow } from '../../domain/audit-event.ts'
import type { AuditStamp } from '../../domain/change.ts'
import { auditMac, readAuditHead } from './audit-head.ts'
import { toAuditRow } from './audit-row.ts'
import { readAuditTail } from './audit-tail.ts'
import { openMetaTable } from './meta-table.ts'
import { damaged, isRow, type Row, readInteger, readText } from './row.ts'

/**
 * Walks the chain from what was pruned to the head: an edit, a hole and a cut at either end all show.
 * What cannot be read is what somebody has changed: a finding, as any other.
 */
export function verifyChain(db: Database.Database, key: KeyObject): AuditVerification {
  const tail = ifPossible(() => readAuditTail(db, key))
  if (tail === undefined) {
    return { rows: 0, problem: { seq: 0, what: 'the record of where the log begins was changed' } }
  }
  const { last, problem } = walk(
    db.prepare('SELECT * FROM audit ORDER BY seq').iterate(),
    key,
    tail,
  )
  const pruned = tail.seq === 0 ? {} : { pruned: tail.seq }
  return {
    rows: last.seq - tail.seq,
    ...pruned,
    problem: problem ?? findEndProblem(db, last, key),
  }
}

/**
 * Walks the newest rows, at most so many, to the head: an edit, a hole or a cut there shows. Where the
 * log is longer, what its oldest walked row follows is believed.
 */
export function verifyChainEnd(
  db: Database.Database,
  key: KeyObject,
  most: number,
): AuditVerification {
  const newest = db.prepare('SELECT * FROM audit ORDER BY seq DESC LIMIT ?').all(most).reverse()
  const before = newest.length < most ? undefined : ifPossible(() => stampBefore(newest[0]))
  if (before === undefined) return verifyChain(db, key)
  const { last, problem } = walk(newest, key, before)
  return { rows: last.seq - before.seq, problem: problem ?? findEndProblem(db, last, key) }
}

/** What a row says that it follows. */
function stampBefore(found: unknown): AuditStamp {
  if (!isRow(found)) return damaged('audit')
  return { seq: readInteger(found, 'seq') - 1, hash: readText(found, 'previous_hash') }
}

interface Walk {
  /** The last row that is as it was written, or what went before all. */
  readonly last: AuditStamp
  readonly problem?: AuditVerification['problem']
}

function walk(rows: Iterable<unknown>, key: KeyObject, before: AuditStamp): Walk {
  let last = before
  for (const found of rows) {
    if (!isRow(found)) return damaged('audit')
    const seq = readInteger(found, 'seq')
    const link = checkLink(found, last, key)
    if (link.kind === 'flawed') return { last, problem: { seq, what: link.what } }
    last = { seq, hash: link.hash }
  }
  return { last }
}

function findEndProblem(
  db: Database.Database,
  last: AuditStamp,
  key: KeyObject,
): AuditVerification['problem'] {
  const head = ifPossible(() => readAuditHead(key, openMetaTable(db).read('audit_head')))
  if (head === undefined) {
    return { seq: last.seq, what: 'the record of where the log ends was changed' }
  }
  const isWhole = head.seq === last.seq && head.hash === last.hash
  return isWhole ? undefined : { seq: head.seq, what: 'the last rows are missing' }
}

type Link =
  | { readonly kind: 'sound'; readonly hash: string }
  | { readonly kind: 'flawed'; readonly what: string }

/** Whether a row is as it was written, and follows `last`. */
export function checkLink(found: Row, last: AuditStamp, key: KeyObject): Link {
  const flawed = (what: string): Link => ({ kind: 'flawed', what })
  const audit = ifPossible(() => toAuditRow(found))
  if (audit === undefined) return flawed('it holds a value that was never written')
  if (audit.seq !== last.seq + 1) return flawed(`rows are missing after ${last.seq}`)
  if (audit.previousHash !== last.hash) return flawed('it does not follow the row before')
  const { hash, ...content } = audit
  const isSound = auditMac(key, canonicalAuditRow(content)) === hash
  return isSound ? { kind: 'sound', hash } : flawed('it was changed')
}
