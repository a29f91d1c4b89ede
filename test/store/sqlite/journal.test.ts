import { createSecretKey } from 'node:crypto'
import { copyFileSync } from 'node:fs'
import type Database from 'better-sqlite3'
import { beforeEach, describe, expect, test } from 'vitest'
import type { AuditVerification } from '../../../src/app/ports.ts'
import type { AuditStamp } from '../../../src/domain/change.ts'
import { writeAuditHead } from '../../../src/store/sqlite/audit-head.ts'
import { useScratchDirectory } from '../../support/scratch-directory.ts'
import { at, audit } from '../sample.ts'
import { initFile, openFile, saveInFile, tamper } from './sqlite-file.ts'

const scratch = useScratchDirectory()
const CORRUPT = { code: 'ERR_STORE_CORRUPT' }
const ROWS = 5

/** Five rows with every column filled, in five transactions. */
beforeEach(async () => {
  initFile(scratch('a.db'))
  for (let seq = 1; seq <= ROWS; seq += 1) {
    const event = audit({
      at: at(seq),
      service: 'sshd',
      address: '192.0.2.1',
      method: 'totp',
      rule: 'office',
      device: 'phone',
      firstFactor: 'publickey',
      outcome: 'denied',
      reason: `reason ${seq}`,
      completes: 1,
    })
    await saveInFile(scratch('a.db'), event)
  }
})

/** Doctors the file, and gives what the check of the whole chain says then. */
async function verifyAfter(action: (db: Database.Database) => void): Promise<AuditVerification> {
  tamper(scratch('a.db'), action)
  const { journal, close } = openFile(scratch('a.db'))
  try {
    return await journal.verify()
  } finally {
    close()
  }
}

const OPTIONAL_COLUMNS = [
  'service',
  'address',
  'method',
  'rule',
  'device',
  'first_factor',
  'reason',
]
const TEXT_COLUMNS = ['actor', 'account', ...OPTIONAL_COLUMNS]

const EDITS = [
  ...TEXT_COLUMNS.map((column) => `${column} = 'other'`),
  ...TEXT_COLUMNS.map((column) => `${column} = ${column} || ' '`),
  ...OPTIONAL_COLUMNS.map((column) => `${column} = NULL`),
  'at = at + 1',
  'at = -1',
  'completes = 2',
  'completes = NULL',
  'count = 2',
  "action = 'reset'",
  "action = 'junk'",
  "action = ''",
  "outcome = 'accepted'",
  "outcome = 'junk'",
  'hash = upper(hash)',
  "hash = ''",
  'previous_hash = hash',
  'service = address, address = service',
  'count = 9007199254740993',
]

/** Adds a copy of the last row as `seq`, which follows what `previous` of the last row says. */
function insertCopy(seq: number, previous: 'hash' | 'previous_hash'): string {
  const columns = `at, actor, action, ${OPTIONAL_COLUMNS.join(', ')}, account, outcome, completes, count`
  return `INSERT INTO audit (seq, ${columns}, previous_hash, hash)
    SELECT ${seq}, ${columns}, ${previous}, hash FROM audit ORDER BY seq DESC LIMIT 1`
}

/** The head of the chain as the file has it. */
function readHead(db: Database.Database): string {
  return String(db.prepare("SELECT value FROM meta WHERE key = 'audit_head'").pluck().get())
}

/** What the head would say if row 3 were the last. */
function headOfThree(db: Database.Database): AuditStamp {
  return { seq: 3, hash: String(db.prepare('SELECT hash FROM audit WHERE seq = 3').pluck().get()) }
}

const END_CHANGED = 'the record of where the log ends was changed'

describe('the check of the audit log', () => {
  test('vouches for rows nobody has touched', async () => {
    expect(await verifyAfter(() => {})).toEqual({ rows: ROWS, problem: undefined })
  })

  test.each(EDITS)('finds a row in which somebody set %s', async (assignment) => {
    const { problem } = await verifyAfter((db) => {
      const edit = db.prepare(`UPDATE audit SET ${assignment} WHERE seq = 3`)
      expect(edit.run().changes).toBe(1)
    })
    expect(problem?.seq).toBe(3)
  })

  test.each([
    { what: 'the first row gone', sql: 'DELETE FROM audit WHERE seq = 1', seq: 2 },
    { what: 'a row gone in the middle', sql: 'DELETE FROM audit WHERE seq = 3', seq: 4 },
    { what: 'the last row gone', sql: 'DELETE FROM audit WHERE seq = 5', seq: 5 },
    { what: 'the last rows gone', sql: 'DELETE FROM audit WHERE seq > 2', seq: 5 },
    { what: 'every row gone', sql: 'DELETE FROM audit', seq: 5 },
    {
      what: 'a row gone and the others moved up',
      sql: 'DELETE FROM audit WHERE seq = 3; UPDATE audit SET seq = seq - 1 WHERE seq > 3',
      seq: 3,
    },
    {
      what: 'two rows that have changed places',
      sql: `UPDATE audit SET seq = 99 WHERE seq = 2; UPDATE audit SET seq = 2 WHERE seq = 3;
            UPDATE audit SET seq = 3 WHERE seq = 99`,
      seq: 2,
    },
    { what: 'a row in front of the first', sql: insertCopy(0, 'previous_hash'), seq: 0 },
    { what: 'a row of before all', sql: insertCopy(-1, 'previous_hash'), seq: -1 },
    { what: 'a row added behind the last', sql: insertCopy(6, 'previous_hash'), seq: 6 },
    { what: 'a row added and linked', sql: insertCopy(6, 'hash'), seq: 6 },
    {
      what: 'a row put in between',
      sql: `UPDATE audit SET seq = 6 WHERE seq = 5; ${insertCopy(5, 'previous_hash')}`,
      seq: 6,
    },
  ])('finds $what', async ({ sql, seq }) => {
    const { problem } = await verifyAfter((db) => db.exec(sql))
    expect(problem?.seq).toBe(seq)
  })

  test.each([
    {
      what: 'with a key that is guessed',
      forge: ({ seq, hash }: AuditStamp) =>
        writeAuditHead(createSecretKey(Buffer.alloc(32)), { seq, hash }),
    },
    {
      what: 'with the code of the head before',
      forge: ({ seq, hash }: AuditStamp, before: string) =>
        Buffer.from(`${seq} ${hash} ${before.split(' ')[2]}`),
    },
    {
      what: 'without a code',
      forge: ({ seq, hash }: AuditStamp) => Buffer.from(`${seq} ${hash}`),
    },
  ])('finds a tail that was cut, and the head written anew $what', async ({ forge }) => {
    const verification = verifyAfter((db) => {
      const bytes = forge(headOfThree(db), readHead(db))
      db.exec('DELETE FROM audit WHERE seq > 3')
      db.prepare("UPDATE meta SET value = ? WHERE key = 'audit_head'").run(bytes)
    })
    expect((await verification).problem?.what).toBe(END_CHANGED)
  })

  test('finds the head gone, and nothing more is written', async () => {
    const removed = verifyAfter((db) => db.exec("DELETE FROM meta WHERE key = 'audit_head'"))
    expect((await removed).problem?.what).toBe(END_CHANGED)
    await expect(saveInFile(scratch('a.db'), audit())).rejects.toMatchObject(CORRUPT)
  })

  test('finds a genuine row of a copy that went another way', async () => {
    const [path, copy] = [scratch('a.db'), scratch('copy.db')]
    copyFileSync(path, copy)
    await saveInFile(path, audit({ actor: 'root' }), audit())
    await saveInFile(copy, audit({ actor: 'pam' }), audit())
    const { problem } = await verifyAfter((db) => {
      db.prepare('ATTACH ? AS other').run(copy)
      db.exec('REPLACE INTO audit SELECT * FROM other.audit WHERE seq = 6')
    })
    expect(problem?.seq).toBe(7)
  })

  test('stops at a place beyond all counting', async () => {
    const moved = verifyAfter((db) =>
      db.exec('UPDATE audit SET seq = 9007199254740993 WHERE seq = 5'),
    )
    await expect(moved).rejects.toMatchObject(CORRUPT)
  })

  test('finds the same after more rows were written', async () => {
    tamper(scratch('a.db'), (db) => db.exec("UPDATE audit SET reason = 'x' WHERE seq = 2"))
    await saveInFile(scratch('a.db'), audit(), audit())
    expect((await verifyAfter(() => {})).problem?.seq).toBe(2)
  })

  test('goes on over rows written after a cut, and says where they do not follow', async () => {
    tamper(scratch('a.db'), (db) => db.exec('DELETE FROM audit WHERE seq > 3'))
    await saveInFile(scratch('a.db'), audit())
    expect((await verifyAfter(() => {})).problem?.seq).toBe(6)
  })
})
