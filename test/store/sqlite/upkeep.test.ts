import type Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openDatabase } from '../../../src/store/sqlite/open.ts'
import { createUpkeep } from '../../../src/store/sqlite/upkeep.ts'
import { createWriteLock } from '../../../src/store/sqlite/write-lock.ts'
import { useScratchDirectory } from '../../support/scratch-directory.ts'
import { at, CREATE } from '../sample.ts'
import { fileOptions, initFile, openRaw, saveInFile } from './sqlite-file.ts'

const scratch = useScratchDirectory()
const TIMING = { now: () => at(0), beforeCommit: () => {} }
const NO_COUNTS = { endDenialCounts: () => ({ ended: 0, recorded: 0 }) }
/** So long a writer would wait; half of it is far more than a checkpoint takes. */
const PATIENT_MILLISECONDS = 60_000

let db: Database.Database
let reader: Database.Database

beforeEach(async () => {
  initFile(scratch('a.db'))
  db = openDatabase({
    ...fileOptions(scratch('a.db')),
    busyMilliseconds: PATIENT_MILLISECONDS,
    create: false,
  })
  reader = openRaw(scratch('a.db'))
  reader.exec('BEGIN')
  reader.prepare('SELECT count(*) FROM account').get()
  await saveInFile(scratch('a.db'), CREATE)
})

afterEach(() => {
  reader.close()
  db.close()
})

const checkpoint = () =>
  createUpkeep(db, NO_COUNTS, createWriteLock(db, TIMING), TIMING).checkpoint()
const patience = () => db.pragma('busy_timeout', { simple: true })

describe('a checkpoint', () => {
  test('does not wait for a reader as long as writers wait for each other', async () => {
    const begun = performance.now()
    expect(await checkpoint()).toBe(false)
    expect(performance.now() - begun).toBeLessThan(PATIENT_MILLISECONDS / 2)
  })

  test('leaves the connection as patient as it was', async () => {
    await checkpoint()
    expect(patience()).toBe(PATIENT_MILLISECONDS)
    reader.close()
    expect(await checkpoint()).toBe(true)
    expect(patience()).toBe(PATIENT_MILLISECONDS)
  })

  test('that fails does so as well', async () => {
    db.exec('BEGIN IMMEDIATE')
    await expect(checkpoint()).rejects.toMatchObject({ name: 'AppError' })
    expect(patience()).toBe(PATIENT_MILLISECONDS)
  })
})
