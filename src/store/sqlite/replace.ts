import type Database from 'better-sqlite3'
import type { Now, Vault } from '../../app/ports.ts'
import type { UnixSeconds } from '../../base/time.ts'
import type { AuditEvent } from '../../domain/audit-event.ts'
import type { Device } from '../../domain/device.ts'
import { driftSteps, MOST_DRIFT_STEPS } from '../../domain/drift.ts'
import { NOBODY, toStoredName } from '../../domain/name.ts'
import { stepAt } from '../../domain/otp.ts'
import { openAuditWriter } from './audit-table.ts'
import { openDeviceTable } from './device-table.ts'
import { assertSchema } from './migrate.ts'
import { MIGRATIONS } from './migrations/list.ts'
import { type OpenOptions, openDatabase } from './open.ts'
import { isRow, readInteger, readOptionalInteger, readText } from './row.ts'
import { toStoreError } from './sqlite-error.ts'
import { openAuditKey } from './storage.ts'
import { findTelling, saveTelling } from './telling.ts'

type FileOptions = Omit<OpenOptions, 'create'>

/** How restored rows become the present. */
export interface RestoreTerms {
  readonly now: Now
  /** Steps that are accepted on either side of now. */
  readonly window: number
  /** What the audit log says about it. */
  readonly event: Omit<AuditEvent, 'at'>
}

const NOTHING_KNOWN: UsedUp = { marks: new Map(), usesLeft: new Map() }

/**
 * Puts all rows of the file `from`, which `inspectDatabase` has found whole, in the place of those of a
 * database, in one transaction: programs that have it open see the one or the other, whenever this is
 * killed. No file changes its name, so no log can meet a file that is not its own. `keep` is called
 * while nobody else can write, to copy what is about to go. Throws ERR_STORE_* and ERR_KEY_*.
 */
export function replaceRows(
  options: FileOptions,
  from: string,
  vault: Vault,
  terms: RestoreTerms & { readonly keep: () => void },
): void {
  withDatabase(options, (db) => {
    db.prepare('ATTACH ? AS saved').run(from)
    const replace = db.transaction(() => {
      terms.keep()
      const used = readUsedUp(db)
      const wasTold = findTelling(db) !== undefined
      db.pragma('defer_foreign_keys = ON')
      for (const table of tablesOf(db)) db.exec(`DELETE FROM main."${table}"`)
      for (const table of tablesOf(db)) {
        db.exec(`INSERT INTO main."${table}" SELECT * FROM saved."${table}"`)
      }
      if (wasTold) keepTelling(db)
      finish(db, used, vault, terms)
    })
    replace.immediate()
    db.exec('DETACH saved')
    db.pragma('wal_checkpoint(TRUNCATE)')
  })
}

/** A backup of before anybody was told: what comes next is told, the record of the restore first. */
function keepTelling(db: Database.Database): void {
  if (findTelling(db) !== undefined) return
  const last = db.prepare('SELECT coalesce(max(seq), 0) AS seq FROM audit').get()
  if (isRow(last)) saveTelling(db, { through: readInteger(last, 'seq'), givenUp: 0 })
}

/** Makes a copy of a backup ready to be the database, where there is none that could say what was used. */
export function settleFile(options: FileOptions, vault: Vault, terms: RestoreTerms): void {
  withDatabase(options, (db) => {
    db.transaction(() => finish(db, NOTHING_KNOWN, vault, terms)).immediate()
  })
}

function finish(db: Database.Database, used: UsedUp, vault: Vault, terms: RestoreTerms): void {
  const now = terms.now()
  settleRestored(db, used, { now, window: terms.window })
  openAuditWriter(db, openAuditKey(db, vault)).append(NOBODY, { ...terms.event, at: now })
}

/** Names that this program has chosen: the schema was compared. */
function tablesOf(db: Database.Database): readonly string[] {
  const all = db.prepare("SELECT name FROM main.sqlite_schema WHERE type = 'table' ORDER BY name")
  return all
    .all()
    .filter(isRow)
    .map((row) => readText(row, 'name'))
}

function withDatabase(options: FileOptions, act: (db: Database.Database) => void): void {
  const db = openDatabase({ ...options, create: false })
  try {
    assertSchema(db, MIGRATIONS.length)
    act(db)
  } catch (error) {
    throw toStoreError(error)
  } finally {
    db.close()
  }
}

/** What has been used up, by the id of the device or code; empty where no database tells. */
interface UsedUp {
  /** Newest accepted step or counter. */
  readonly marks: ReadonlyMap<string, number>
  readonly usesLeft: ReadonlyMap<string, number>
}

/** In the database that is to be replaced. */
function readUsedUp(db: Database.Database): UsedUp {
  const devices = db.prepare('SELECT id, last_accepted_step FROM device').all().filter(isRow)
  const codes = db.prepare('SELECT id, uses_left FROM one_time_code').all().filter(isRow)
  return {
    marks: new Map(
      devices.map((row) => [
        readText(row, 'id'),
        readOptionalInteger(row, 'last_accepted_step') ?? -1,
      ]),
    ),
    usesLeft: new Map(codes.map((row) => [readText(row, 'id'), readInteger(row, 'uses_left')])),
  }
}

/**
 * Makes restored rows safe to log in with, within a transaction. What is known to be used stays used.
 * No code that any phone has shown so far works any more: it may have been used since the backup, and
 * the mark that said so is lost. What a login left for its own connection is gone.
 */
function settleRestored(
  db: Database.Database,
  used: UsedUp,
  { now, window }: { readonly now: UnixSeconds; readonly window: number },
): void {
  moveMarks(db, used, (period, drift) => stepAt(now, period) + drift + window)
  const spend = db.prepare('UPDATE one_time_code SET uses_left = ? WHERE id = ? AND uses_left > ?')
  for (const [id, usesLeft] of used.usesLeft) spend.run(usesLeft, id, usesLeft)
  db.exec('DELETE FROM ticket; DELETE FROM attempt; UPDATE known_source SET remembered_at = NULL')
}

/**
 * `newest`: the last step that a code may be of now. A counter has no now: only what is known counts.
 * Where the mark is lost, so is the drift that was learnt with it: then any drift may have been used.
 */
function moveMarks(
  db: Database.Database,
  { marks }: UsedUp,
  newest: (periodSeconds: number, drift: number) => number,
): void {
  const move = db.prepare('UPDATE device SET last_accepted_step = ? WHERE id = ?')
  const markOf = (device: Device) => {
    const kept = marks.get(device.id)
    const known = Math.max(device.lastAcceptedStep ?? -1, kept ?? -1)
    if (device.kind === 'hotp') return known
    const drift = kept === undefined ? MOST_DRIFT_STEPS : driftSteps(device)
    return Math.max(known, newest(device.periodSeconds, drift))
  }
  const { findAll } = openDeviceTable(db)
  const accounts = db.prepare('SELECT name FROM account').all().filter(isRow)
  const devices = accounts.flatMap((row) => findAll(toStoredName(readText(row, 'name'))))
  for (const device of devices) {
    const mark = markOf(device)
    if (mark >= 0) move.run(mark, device.id)
  }
}
