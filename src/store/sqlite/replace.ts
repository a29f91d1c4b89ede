import type Database from 'better-sqlite3'
import type { Now, Vault } from '../../app/ports.ts'
import type { AuditEvent } from '../../domain/audit-event.ts'
import { NOBODY } from '../../domain/name.ts'
import type { Past } from '../../domain/past.ts'
import { openAuditWriter } from './audit-table.ts'
import { assertSchema } from './migrate.ts'
import { MIGRATIONS } from './migrations/list.ts'
import { emptyLog, type OpenOptions, openDatabase } from './open.ts'
import { assertOwnSchema } from './own-schema.ts'
import { readPast } from './past.ts'
import { isRow, readInteger, readText } from './row.ts'
import { settleRestored } from './settle.ts'
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

/**
 * Puts all rows of the file `from`, which `inspectDatabase` has found whole, in the place of those of a
 * database that `lookAtPresent` calls ours, in one transaction: programs that have it open see the one or
 * the other, whenever this is killed. No file changes its name, so no log can meet a file that is not its
 * own. `keep` is called while nobody else can write, to copy what is about to go. Throws ERR_STORE_* and
 * ERR_KEY_*.
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
      // It was looked at before somebody was asked; that takes as long as it takes.
      assertOwnSchema(db, options.nativeBinding)
      terms.keep()
      const past = readPast(db)
      const wasTold = findTelling(db) !== undefined
      db.pragma('defer_foreign_keys = ON')
      for (const table of tablesOf(db)) db.exec(`DELETE FROM main."${table}"`)
      for (const table of tablesOf(db)) {
        db.exec(`INSERT INTO main."${table}" SELECT * FROM saved."${table}"`)
      }
      if (wasTold) keepTelling(db)
      finish(db, { past, isOurs: true }, vault, terms)
    })
    replace.immediate()
    tidyUp(db)
  })
}

/** The restored rows are in force by now: whoever heard that it failed would take them for the old ones. */
function tidyUp(db: Database.Database): void {
  try {
    db.exec('DETACH saved')
    db.pragma('wal_checkpoint(TRUNCATE)')
  } catch {
    // A full disk, say. What is in the log stays in the log, and counts.
  }
}

/** A backup of before anybody was told: what comes next is told, the record of the restore first. */
function keepTelling(db: Database.Database): void {
  if (findTelling(db) !== undefined) return
  const last = db.prepare('SELECT coalesce(max(seq), 0) AS seq FROM audit').get()
  if (isRow(last)) saveTelling(db, { through: readInteger(last, 'seq'), givenUp: 0 })
}

/**
 * Makes a copy of a backup ready to be the database, by what could be read of the one whose place it takes;
 * all is in the one file then. Throws as `replaceRows`.
 */
export function settleFile(
  options: FileOptions,
  past: Past,
  vault: Vault,
  terms: RestoreTerms,
): void {
  withDatabase(options, (db) => {
    db.transaction(() => finish(db, { past, isOurs: false }, vault, terms)).immediate()
    emptyLog(db)
  })
}

function finish(
  db: Database.Database,
  { past, isOurs }: { readonly past: Past; readonly isOurs: boolean },
  vault: Vault,
  { now, window, event }: RestoreTerms,
): void {
  const at = now()
  settleRestored(db, past, { now: at, window, isOurs })
  openAuditWriter(db, openAuditKey(db, vault)).append(NOBODY, { ...event, at })
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
