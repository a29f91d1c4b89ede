import type Database from 'better-sqlite3'
import type { Vault } from '../../app/ports.ts'
import { AppError } from '../../base/errors.ts'
import { NOTHING_PAST, type Past } from '../../domain/past.ts'
import { readSchemaVersion } from './migrate.ts'
import { MIGRATIONS } from './migrations/list.ts'
import { type OpenOptions, openDatabase } from './open.ts'
import { isOwnSchema } from './own-schema.ts'
import { isDamage, readPast } from './past.ts'
import { toStoreError } from './sqlite-error.ts'
import { openAuditKey } from './storage.ts'

type FileOptions = Omit<OpenOptions, 'create'>

/**
 * What stands where a backup is to go. `ours`: sound, and the very database that the backup was made of,
 * so that what is not in it was taken away. `readable`: another one, or damaged; what can be read of it
 * counts, and nothing else is known. `useless`: nothing can be read.
 */
export type Present =
  | { readonly kind: 'ours'; readonly past: Past }
  | { readonly kind: 'readable'; readonly past: Past; readonly flaws: readonly string[] }
  | { readonly kind: 'useless'; readonly past: Past; readonly flaws: readonly string[] }
  | { readonly kind: 'absent'; readonly past: Past }

/** Of a database that is there. Throws ERR_STORE_* only where another time might show more. */
export function lookAtPresent(options: FileOptions, backup: FileOptions, vault: Vault): Present {
  return reading(options, 'deferred', (db) => {
    const past = readPast(db)
    const flaws = [
      ...findFlaws(db, options.nativeBinding),
      ...findKeyFlaw(db, backup, vault),
      ...past.unread.map((what) => `it holds what cannot be read: ${what}`),
    ]
    if (flaws.length === 0) return { kind: 'ours', past }
    return { kind: isEmpty(past) && past.unread.length > 0 ? 'useless' : 'readable', past, flaws }
  })
}

/**
 * What can be read of a database that was moved aside; as much as nothing where it is of no use. A login
 * that was at its COMMIT already is waited for, since what it has used up counts; after this there is none
 * any more (host/same-file.ts). Throws ERR_STORE_*.
 */
export function readPastOf(options: FileOptions): Past {
  const look = (db: Database.Database) =>
    ({ kind: 'readable', past: readPast(db), flaws: [] }) as const
  return reading(options, 'immediate', look).past
}

function reading(
  options: FileOptions,
  behaviour: 'deferred' | 'immediate',
  look: (db: Database.Database) => Present,
): Present {
  let db: Database.Database | undefined
  try {
    db = openDatabase({ ...options, create: false })
    const opened = db
    return opened.transaction(() => look(opened))[behaviour]()
  } catch (error) {
    const meant = toStoreError(error)
    if (!isDamage(meant) || !(meant instanceof AppError)) throw meant
    return { kind: 'useless', past: NOTHING_PAST, flaws: [meant.message] }
  } finally {
    db?.close()
  }
}

function isEmpty({ accounts, marks, usesLeft }: Past): boolean {
  return accounts.size + marks.size + usesLeft.size === 0
}

/** All of its own: pages, references, tables. */
function findFlaws(db: Database.Database, nativeBinding: string): readonly string[] {
  const version = readSchemaVersion(db)
  return [
    ...flawUnless('a part of the file is damaged', () => isWhole(db)),
    ...flawUnless(`it has schema ${version}, not ${MIGRATIONS.length}`, () => {
      return version === MIGRATIONS.length
    }),
    ...flawUnless('it has other tables, triggers or views than otpgate makes', () =>
      isOwnSchema(db, nativeBinding),
    ),
  ]
}

function flawUnless(flaw: string, isFine: () => boolean): readonly string[] {
  try {
    return isFine() ? [] : [flaw]
  } catch (error) {
    if (isDamage(error)) return [flaw]
    throw error
  }
}

/** Whether every page, index and reference agrees with the others. */
export function isWhole(db: Database.Database): boolean {
  return (
    db.pragma('integrity_check(1)', { simple: true }) === 'ok' &&
    [db.pragma('foreign_key_check')].flat().length === 0
  )
}

/** A program that has the database open could not go on with rows of another audit log. */
function findKeyFlaw(db: Database.Database, backup: FileOptions, vault: Vault): readonly string[] {
  const saved = openDatabase({ ...backup, create: false })
  try {
    const expected = openAuditKey(saved, vault)
    const isSame = openAuditKey(db, vault).equals(expected)
    return isSame ? [] : ['it is another database than the backup was made of']
  } catch (error) {
    const meant = toStoreError(error)
    if (!(meant instanceof AppError)) throw meant
    if (meant.code === 'ERR_KEY_WRONG') return ['it is sealed with another master key']
    const isLost = isDamage(meant) || meant.code === 'ERR_SEALED_INVALID'
    if (isLost) return ['the key of its audit log is gone or was changed']
    throw meant
  } finally {
    saved.close()
  }
}
