import { spawn } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { migrate, readSchemaVersion, rehearseMigration } from '../../../src/store/sqlite/migrate.ts'
import { MIGRATIONS } from '../../../src/store/sqlite/migrations/list.ts'
import { errorCodeOf } from '../../support/error-code.ts'
import { useScratchDirectory } from '../../support/scratch-directory.ts'
import { ALICE, audit, CREATE, freshAccount } from '../sample.ts'
import { initFile, NATIVE_BINDING, openFile, openRaw, saveInFile, tamper } from './sqlite-file.ts'

const scratch = useScratchDirectory()
const LIST = [
  'CREATE TABLE one (a); CREATE TABLE uno (a)',
  'CREATE TABLE two (a)',
  'DROP TABLE one',
]

interface Migrated {
  readonly version: number
  readonly tables: readonly unknown[]
}

/** What a connection of its own finds in the file. */
function look(): Migrated {
  const db = openRaw(scratch('a.db'))
  const version = readSchemaVersion(db)
  const tables = db.prepare('SELECT name FROM sqlite_schema ORDER BY name').pluck().all()
  db.close()
  return { version, tables }
}

/** Runs `list` on the file; how many ran, and how often the seed did. */
function run(list: readonly string[], seed: () => void = () => {}) {
  let seeds = 0
  let ran = 0
  tamper(scratch('a.db'), (db) => {
    ran = migrate(db, list, () => {
      seeds += 1
      seed()
    })
  })
  return { ran, seeds }
}

describe('migrations', () => {
  test('all run on an empty file, with the seed behind them', () => {
    expect(run(LIST)).toEqual({ ran: 3, seeds: 1 })
    expect(look()).toEqual({ version: 3, tables: ['two', 'uno'] })
  })

  test('run once each, and seed only an empty file', () => {
    expect(run(LIST.slice(0, 1))).toEqual({ ran: 1, seeds: 1 })
    expect(run(LIST)).toEqual({ ran: 2, seeds: 0 })
    expect(run(LIST)).toEqual({ ran: 0, seeds: 0 })
    expect(look()).toEqual({ version: 3, tables: ['two', 'uno'] })
  })

  test.each([
    { what: 'its second statement', broken: 'CREATE TABLE three (a); CREATE TABLE one (a)' },
    { what: 'its syntax', broken: 'CREATE TABEL three (a)' },
  ])('that fail in $what leave the old version whole', ({ broken }) => {
    run(LIST.slice(0, 1))
    const before = look()
    expect(() => run([...LIST.slice(0, 2), broken])).toThrow()
    expect(look()).toEqual(before)
  })

  test('whose seed fails leave an empty file', () => {
    const seed = () => {
      throw new Error('no seed')
    }
    expect(() => run(LIST, seed)).toThrow('no seed')
    expect(look()).toEqual({ version: 0, tables: [] })
  })

  test('that are rehearsed run, and leave nothing behind', () => {
    run(LIST.slice(0, 1))
    const before = look()
    tamper(scratch('a.db'), (db) => {
      expect(rehearseMigration(db, LIST)).toBe(2)
      expect(() => rehearseMigration(db, [...LIST.slice(0, 1), 'CREATE TABLE one (a)'])).toThrow()
      expect(errorCodeOf(() => rehearseMigration(db, []))).toBe('ERR_STORE_SCHEMA')
    })
    expect(look()).toEqual(before)
  })

  test('never go back: a newer file is refused as it is', () => {
    run(LIST)
    expect(errorCodeOf(() => run(LIST.slice(0, 2)))).toBe('ERR_STORE_SCHEMA')
    expect(look()).toEqual({ version: 3, tables: ['two', 'uno'] })
  })
})

describe('the schema of the store', () => {
  test('is made once; a second time nothing is done and everything stays', async () => {
    const path = scratch('a.db')
    expect(initFile(path)).toBe(MIGRATIONS.length)
    await saveInFile(path, CREATE, audit())
    expect(initFile(path)).toBe(0)
    const { register, journal, close } = openFile(path)
    expect(await register.find(ALICE)).toEqual(freshAccount(ALICE))
    expect(await journal.verify()).toEqual({ rows: 1, problem: undefined })
    close()
  })

  test.each([
    MIGRATIONS.length + 1,
    MIGRATIONS.length - 1,
    -1,
  ])('is not opened with version %i', (version) => {
    initFile(scratch('a.db'))
    tamper(scratch('a.db'), (db) => db.pragma(`user_version = ${version}`))
    expect(errorCodeOf(() => openFile(scratch('a.db')))).toBe('ERR_STORE_SCHEMA')
  })

  test('that is older is waited for, where an upgrade may be about to change it', () => {
    initFile(scratch('a.db'))
    tamper(scratch('a.db'), (db) => db.pragma(`user_version = ${MIGRATIONS.length - 1}`))
    expect(errorCodeOf(() => openFile(scratch('a.db'), { schemaMilliseconds: 60 }))).toBe(
      'ERR_STORE_SCHEMA',
    )
    const code = `const Database = require('better-sqlite3')
      new Database(process.argv[1], { nativeBinding: process.argv[2] })
        .pragma('user_version = ${MIGRATIONS.length}')`
    spawn(process.execPath, ['-e', code, scratch('a.db'), NATIVE_BINDING], { stdio: 'inherit' })
    // Nothing else runs here until it is open: the other process has to change it meanwhile.
    openFile(scratch('a.db'), { schemaMilliseconds: 30_000 }).close()
  })

  test('is not opened with a trigger in it, which would act on every login', () => {
    initFile(scratch('a.db'))
    tamper(scratch('a.db'), (db) =>
      db.exec('CREATE TRIGGER t AFTER UPDATE ON one_time_code BEGIN DELETE FROM audit; END'),
    )
    expect(errorCodeOf(() => openFile(scratch('a.db')))).toBe('ERR_STORE_CORRUPT')
  })

  test('that is newer than the program is not touched', () => {
    initFile(scratch('a.db'))
    tamper(scratch('a.db'), (db) => db.pragma(`user_version = ${MIGRATIONS.length + 1}`))
    const before = look()
    expect(errorCodeOf(() => initFile(scratch('a.db')))).toBe('ERR_STORE_SCHEMA')
    expect(look()).toEqual(before)
  })

  test('is strict: a column takes its type only', () => {
    initFile(scratch('a.db'))
    tamper(scratch('a.db'), (db) => {
      const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all()
      const strict = db.prepare('SELECT name FROM pragma_table_list WHERE strict = 1').pluck().all()
      expect(strict.toSorted()).toEqual(tables.toSorted())
      expect(tables.length).toBeGreaterThan(5)
    })
  })
})
