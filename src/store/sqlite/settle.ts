import type Database from 'better-sqlite3'
import type { UnixSeconds } from '../../base/time.ts'
import { BUDGETS } from '../../domain/account.ts'
import type { Device } from '../../domain/device.ts'
import { driftSteps, MOST_DRIFT_STEPS } from '../../domain/drift.ts'
import type { SourceKey } from '../../domain/known-source.ts'
import { type AccountName, toStoredName } from '../../domain/name.ts'
import { stepAt } from '../../domain/otp.ts'
import type { Past } from '../../domain/past.ts'
import { stricterThrottle } from '../../domain/throttle.ts'
import { openAccountTable } from './account-table.ts'
import { openDeviceTable } from './device-table.ts'
import { openKnownSourceTable } from './known-source-table.ts'
import { isRow, readText } from './row.ts'
import { writeThrottle } from './throttle-column.ts'

/** How restored rows are judged. */
export interface SettleTerms {
  readonly now: UnixSeconds
  /** Steps that are accepted on either side of now. */
  readonly window: number
  /** Whether the past is that of these very rows; else it may be of another database of the same people. */
  readonly isOurs: boolean
}

/**
 * Makes restored rows safe to log in with, within a transaction. What is known to be used stays used, who
 * waits goes on waiting, and a source that was revoked stays so. What was given out for a while (bypass
 * codes, invitations) and is not known any more does not come back: nobody would miss it before long, and
 * it may have been revoked. What a login left for its own connection is gone.
 */
export function settleRestored(db: Database.Database, past: Past, terms: SettleTerms): void {
  moveMarks(db, past, terms)
  spendCodes(db, past)
  keepThrottles(db, past, terms)
  removeRevoked(db, past)
  db.exec('DELETE FROM ticket; DELETE FROM attempt; UPDATE known_source SET remembered_at = NULL')
}

function keepThrottles(db: Database.Database, { accounts }: Past, { isOurs }: SettleTerms): void {
  const table = openAccountTable(db)
  for (const name of namesIn(db)) {
    const restored = table.find(name)
    for (const budget of BUDGETS) {
      const known = accounts.get(name)?.throttle[budget]
      if (known === undefined || restored === undefined) continue
      const saved = restored.throttle[budget]
      const kept = isOurs ? known : stricterThrottle(known, saved)
      // Most people have typed nothing wrong, before and since.
      if (writeThrottle(kept) !== writeThrottle(saved)) table.setThrottle(name, budget, kept)
    }
  }
}

/**
 * No code that any phone has shown so far works any more: it may have been used since the backup, and the
 * mark that said so may be lost. A counter has no now: only what is known counts.
 */
function moveMarks(db: Database.Database, { marks }: Past, terms: SettleTerms): void {
  const { findAll, moveMark } = openDeviceTable(db)
  for (const name of namesIn(db)) {
    for (const device of findAll(name)) {
      const known = marks.get(device.id)
      const newest = Math.max(
        device.lastAcceptedStep ?? -1,
        known ?? -1,
        newestShown(device, known !== undefined, terms),
      )
      if (newest >= 0) moveMark(name, device.id, newest)
    }
  }
}

/**
 * The last step that a code may be of by now. Where the mark is lost, so is the drift that was learnt with
 * it: then any drift may have been used.
 */
function newestShown(device: Device, isKnown: boolean, { now, window }: SettleTerms): number {
  if (device.kind === 'hotp') return -1
  const drift = isKnown ? driftSteps(device) : MOST_DRIFT_STEPS
  return stepAt(now, device.periodSeconds) + drift + window
}

function spendCodes(db: Database.Database, { usesLeft }: Past): void {
  const remove = db.prepare('DELETE FROM one_time_code WHERE id = ?')
  const spend = db.prepare('UPDATE one_time_code SET uses_left = ? WHERE id = ? AND uses_left > ?')
  for (const row of db.prepare('SELECT id, kind FROM one_time_code').all().filter(isRow)) {
    const id = readText(row, 'id')
    const left = usesLeft.get(id)
    if (left !== undefined) spend.run(left, id, left)
    else if (readText(row, 'kind') !== 'recovery') remove.run(id)
  }
}

/** Where all of a person's sources can be read: one that is not among them was revoked, or is too old. */
function removeRevoked(db: Database.Database, { accounts }: Past): void {
  const table = openKnownSourceTable(db)
  for (const name of namesIn(db)) {
    const known = accounts.get(name)?.sources
    if (known === undefined) continue
    for (const source of table.findAll(name)) {
      if (!known.some((each) => isSameSource(each, source))) table.remove(name, source)
    }
  }
}

function isSameSource(a: SourceKey, b: SourceKey): boolean {
  return a.network === b.network && a.firstFactor === b.firstFactor
}

function namesIn(db: Database.Database): readonly AccountName[] {
  const rows = db.prepare('SELECT name FROM account ORDER BY name').all().filter(isRow)
  return rows.map((row) => toStoredName(readText(row, 'name')))
}
