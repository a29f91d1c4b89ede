import { createSecretKey } from 'node:crypto'
import { copyFileSync, readFileSync } from 'node:fs'
import type Database from 'better-sqlite3'
import { beforeEach, describe, expect, test } from 'vitest'
import type { AuditStamp } from '../../../src/domain/change.ts'
import { writeAuditHead, writeStamp } from '../../../src/store/sqlite/audit-head.ts'
import { useScratchDirectory } from '../../support/scratch-directory.ts'
import { at, audit } from '../sample.ts'
import { initFile, openFile, saveInFile, tamper } from './sqlite-file.ts'

const scratch = useScratchDirectory()
const CORRUPT = { code: 'ERR_STORE_CORRUPT' }
const BEGIN_CHANGED = 'the record of where the log begins was changed'

/** Ten rows, the first four of which go in two pieces: row 11 and 12 say so. */
beforeEach(async () => {
  const path = scratch('a.db')
  initFile(path)
  for (let seq = 1; seq <= 10; seq += 1) await saveInFile(path, audit({ at: at(seq) }))
  copyFileSync(path, scratch('whole.db'))
  await prune(4, 2)
  copyFileSync(path, scratch('before.db'))
  await prune(4, 2)
})

function order(through: number) {
  return { through, before: at(99), actor: 'root', reason: undefined }
}

async function prune(through: number, limit: number): Promise<number> {
  const { journal, close } = openFile(scratch('a.db'))
  try {
    return await journal.prune(order(through), limit)
  } finally {
    close()
  }
}

async function verify() {
  const { journal, close } = openFile(scratch('a.db'))
  try {
    return await journal.verify()
  } finally {
    close()
  }
}

function stampOf(db: Database.Database, seq: number): AuditStamp {
  return { seq, hash: String(db.prepare('SELECT hash FROM audit WHERE seq = ?').pluck().get(seq)) }
}

function setTail(db: Database.Database, tail: Buffer): void {
  db.prepare("UPDATE meta SET value = ? WHERE key = 'audit_tail'").run(tail)
}

const TAIL = "SELECT value FROM meta WHERE key = 'audit_tail'"

describe('a log that was pruned', () => {
  test('is vouched for', async () => {
    expect(await verify()).toEqual({ rows: 8, pruned: 4, problem: undefined })
  })

  test.each([
    { what: 'a further row off its front', sql: 'DELETE FROM audit WHERE seq = 5', seq: 6 },
    { what: 'a row gone in the middle', sql: 'DELETE FROM audit WHERE seq = 7', seq: 8 },
    { what: 'no row left', sql: 'DELETE FROM audit', seq: 12 },
    { what: 'the tail gone', sql: "DELETE FROM meta WHERE key = 'audit_tail'", seq: 5 },
    {
      what: 'the tail of before put back',
      sql: `REPLACE INTO meta SELECT * FROM older.meta WHERE key = 'audit_tail'`,
      seq: 5,
    },
    {
      what: 'rows of before put back',
      sql: 'INSERT INTO audit SELECT * FROM older.audit WHERE seq < 5',
      seq: 3,
    },
  ])('shows $what', async ({ sql, seq }) => {
    tamper(scratch('a.db'), (db) => {
      db.prepare('ATTACH ? AS older').run(scratch('before.db'))
      db.exec(sql)
    })
    expect((await verify()).problem?.seq).toBe(seq)
  })

  test.each([
    {
      what: 'with a key that is guessed',
      seal: (to: AuditStamp) => writeStamp(createSecretKey(Buffer.alloc(32)), 'tail', to),
    },
    {
      what: 'with the seal of the true tail',
      seal: (to: AuditStamp, old: string) =>
        Buffer.from(`${to.seq} ${to.hash} ${old.split(' ')[2]}`),
    },
    { what: 'without a seal', seal: ({ seq, hash }: AuditStamp) => Buffer.from(`${seq} ${hash}`) },
    { what: 'empty', seal: () => Buffer.alloc(0) },
  ])('shows rows cut off its front, and the tail written anew $what', async ({ seal }) => {
    tamper(scratch('a.db'), (db) => {
      const forged = seal(stampOf(db, 6), String(db.prepare(TAIL).pluck().get()))
      db.exec('DELETE FROM audit WHERE seq <= 6')
      setTail(db, forged)
    })
    expect((await verify()).problem?.what).toBe(BEGIN_CHANGED)
    await expect(prune(8, 9)).rejects.toMatchObject(CORRUPT)
  })

  test('shows a head of once in the place of its tail', async () => {
    let head = Buffer.alloc(0)
    tamper(scratch('before.db'), (db) => {
      // The end of the chain at that time, sealed with the right key.
      head = Buffer.from(
        String(db.prepare("SELECT value FROM meta WHERE key = 'audit_head'").pluck().get()),
      )
    })
    tamper(scratch('a.db'), (db) => {
      db.exec('DELETE FROM audit WHERE seq <= 11')
      setTail(db, head)
    })
    expect((await verify()).problem?.what).toBe(BEGIN_CHANGED)
  })

  test('has a tail that no head is made like', () => {
    const key = createSecretKey(Buffer.alloc(32, 5))
    const stamp = { seq: 1, hash: 'a'.repeat(64) }
    expect(writeStamp(key, 'tail', stamp)).not.toEqual(writeAuditHead(key, stamp))
  })
})

describe('pruning', () => {
  test.each([
    { what: 'was edited', sql: "UPDATE audit SET reason = 'x' WHERE seq = 6", row: 6 },
    { what: 'was made to look old', sql: 'UPDATE audit SET at = 1 WHERE seq = 7', row: 7 },
    { what: 'is missing', sql: 'DELETE FROM audit WHERE seq = 6', row: 7 },
    { what: 'was cut off the front', sql: 'DELETE FROM audit WHERE seq = 5', row: 6 },
  ])('covers nothing up: it stops where a row $what, and removes nothing', async ({ sql, row }) => {
    tamper(scratch('a.db'), (db) => db.exec(sql))
    const { problem } = await verify()
    expect(problem?.seq).toBe(row)
    await expect(prune(9, 9)).rejects.toMatchObject({
      ...CORRUPT,
      message: expect.stringContaining(`row ${row} `),
    })
    expect((await verify()).problem).toEqual(problem)
  })

  test('saves nothing where the last moment has passed', async () => {
    const late = new Error('too late')
    const beforeCommit = () => {
      throw late
    }
    const { journal, close } = openFile(scratch('a.db'), { beforeCommit })
    await expect(journal.prune(order(9), 9)).rejects.toBe(late)
    expect(await journal.verify()).toEqual({ rows: 8, pruned: 4, problem: undefined })
    close()
  })

  test('leaves no trace of the rows in the file once the log is emptied', async () => {
    await saveInFile(scratch('a.db'), audit({ at: at(11), reason: 'NEEDLE' }), audit(), audit())
    const { journal, upkeep, close } = openFile(scratch('a.db'))
    await journal.prune(order(13), 99)
    expect(await upkeep.checkpoint()).toBe(true)
    expect(readAll()).not.toContain('NEEDLE')
    close()
  })
})

function readAll(): string {
  return [scratch('a.db'), scratch('a.db-wal')].map((path) => readFileSync(path, 'latin1')).join('')
}
