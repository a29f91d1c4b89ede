import type Database from 'better-sqlite3'
import { beforeEach, describe, expect, test } from 'vitest'
import { useScratchDirectory } from '../../support/scratch-directory.ts'
import { at, audit } from '../sample.ts'
import { initFile, openFile, saveInFile, tamper } from './sqlite-file.ts'

const scratch = useScratchDirectory()
const ROWS = 5

beforeEach(async () => {
  initFile(scratch('a.db'))
  for (let seq = 1; seq <= ROWS; seq += 1) {
    await saveInFile(scratch('a.db'), audit({ at: at(seq) }))
  }
})

/** Doctors the file, and gives what the check of so many newest rows says then. */
async function verifyEndAfter(rows: number, action: (db: Database.Database) => void) {
  tamper(scratch('a.db'), action)
  const { journal, close } = openFile(scratch('a.db'))
  try {
    return await journal.verifyEnd(rows)
  } finally {
    close()
  }
}

const edit = (seq: number, column: string) => (db: Database.Database) =>
  db.exec(`UPDATE audit SET ${column} = 'other' WHERE seq = ${seq}`)

describe('the end of the audit log', () => {
  test('holds where nothing was changed, however long it is', async () => {
    expect(await verifyEndAfter(2, () => {})).toEqual({ rows: 2, problem: undefined })
    expect(await verifyEndAfter(ROWS, () => {})).toEqual({ rows: ROWS, problem: undefined })
    expect(await verifyEndAfter(ROWS + 1, () => {})).toEqual({ rows: ROWS, problem: undefined })
  })

  test.each([4, 5])('shows that row %i was changed', async (seq) => {
    const { problem } = await verifyEndAfter(2, edit(seq, 'actor'))
    expect(problem).toEqual({ seq, what: 'it was changed' })
  })

  test('says nothing of what is further back', async () => {
    expect((await verifyEndAfter(2, edit(3, 'actor'))).problem).toBeUndefined()
  })

  test('shows that the newest rows are gone', async () => {
    const { problem } = await verifyEndAfter(2, (db) => db.exec('DELETE FROM audit WHERE seq > 3'))
    expect(problem).toEqual({ seq: ROWS, what: 'the last rows are missing' })
  })

  test('shows that all rows are gone', async () => {
    const { problem } = await verifyEndAfter(2, (db) => db.exec('DELETE FROM audit'))
    expect(problem?.what).toBe('the last rows are missing')
  })

  test('shows that what the oldest of them follows was changed', async () => {
    expect((await verifyEndAfter(2, edit(4, 'previous_hash'))).problem?.seq).toBe(4)
  })
})
