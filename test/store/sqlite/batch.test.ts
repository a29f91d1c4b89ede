import { createSecretKey } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { AppError } from '../../../src/base/errors.ts'
import type { UnixSeconds } from '../../../src/base/time.ts'
import type { AccountState } from '../../../src/domain/account.ts'
import { createStore } from '../../../src/store/sqlite/batch.ts'
import { openDatabase } from '../../../src/store/sqlite/open.ts'
import { openTables } from '../../../src/store/sqlite/tables.ts'
import { useScratchDirectory } from '../../support/scratch-directory.ts'
import { ALICE, always, at, audit, BOB, CREATE, freshAccount, parseName } from '../sample.ts'
import { fileOptions, initFile, openFile, openRaw, tamper } from './sqlite-file.ts'

const scratch = useScratchDirectory()
const CAROL = parseName('carol')
/** Fails where somebody else has the lock. */
const LOCK_AT_ONCE = 'PRAGMA busy_timeout = 0; BEGIN IMMEDIATE; ROLLBACK'
const LATE = new AppError('ERR_DEADLINE', 'too late')

/** Names that a connection of its own finds in the file. */
function namesIn(path: string): readonly unknown[] {
  const db = openRaw(path)
  const names = db.prepare('SELECT name FROM account ORDER BY name').pluck().all()
  db.close()
  return names
}

describe('a batch of steps', () => {
  test('is seen by others after its commit and not before, all of it at once', async () => {
    const path = scratch('a.db')
    const seen: (readonly unknown[])[] = []
    initFile(path)
    const { store, close } = openFile(path, { beforeCommit: () => seen.push(namesIn(path)) })
    const look = () => seen.push(namesIn(path))
    await Promise.all([
      store.transact(ALICE, always(CREATE)).then(look),
      store.transact(BOB, always(CREATE)).then(look),
    ])
    expect(seen).toEqual([[], ['alice', 'bob'], ['alice', 'bob']])
    close()
  })

  test('reads the clock once, while nobody else can write', async () => {
    const path = scratch('a.db')
    const lock = () => tamper(path, (db) => db.exec(LOCK_AT_ONCE))
    let looks = 0
    initFile(path)
    const now = () => {
      expect(lock).toThrow('database is locked')
      looks += 1
      return at(7)
    }
    const { store, close } = openFile(path, { now })
    const tell = (_: AccountState, given: UnixSeconds) => ({ changes: [], result: given })
    const told = await Promise.all([store.transact(ALICE, tell), store.transact(BOB, tell)])
    expect(told.map(({ result }) => result)).toEqual([at(7), at(7)])
    expect(looks).toBe(1)
    expect(lock).not.toThrow()
    close()
  })

  test('is given up as a whole where the last moment has passed', async () => {
    initFile(scratch('a.db'))
    let isLate = true
    const beforeCommit = () => {
      if (isLate) throw LATE
    }
    const { store, register, journal, close } = openFile(scratch('a.db'), { beforeCommit })
    const settled = await Promise.allSettled([
      store.transact(ALICE, always(CREATE, audit())),
      store.transact(BOB, always(CREATE, audit())),
    ])
    expect(settled).toEqual([
      { status: 'rejected', reason: LATE },
      { status: 'rejected', reason: LATE },
    ])
    expect(await register.page(undefined, 9)).toEqual([])
    expect(await journal.verify()).toEqual({ rows: 0, problem: undefined })
    isLate = false
    expect((await store.transact(ALICE, always(CREATE, audit()))).audit).toMatchObject({ seq: 1 })
    expect(await register.find(ALICE)).toEqual(freshAccount(ALICE))
    close()
  })

  test('whose every step fails still answers each of them', async () => {
    initFile(scratch('a.db'))
    const { store, close } = openFile(scratch('a.db'))
    const failing = [ALICE, BOB].map((name) => store.transact(name, always(CREATE, CREATE)))
    const settled = await Promise.allSettled(failing)
    expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    close()
  })

  test('that has not begun when the file is closed is refused, not forgotten', async () => {
    initFile(scratch('a.db'))
    const { store, close } = openFile(scratch('a.db'))
    const pending = store.transact(ALICE, always(CREATE))
    close()
    await expect(pending).rejects.toThrow('not open')
    expect(namesIn(scratch('a.db'))).toEqual([])
  })

  test('that finds no more space answers each step by what is in the file', async () => {
    const path = scratch('a.db')
    initFile(path)
    const db = openDatabase({ ...fileOptions(path), create: false })
    db.pragma(`max_page_count = ${Number(db.pragma('page_count', { simple: true })) + 2}`)
    const store = createStore(
      db,
      openTables(db, createSecretKey(Buffer.alloc(32)), Buffer.alloc(0)),
      {
        now: () => at(0),
        beforeCommit: () => {},
      },
    )
    const override = { kind: 'must-enroll', reason: 'x'.repeat(100_000) } as const
    const [small, big] = await Promise.allSettled([
      store.transact(ALICE, always(CREATE)),
      store.transact(BOB, always(CREATE, { kind: 'set-override', override })),
    ])
    expect(big).toMatchObject({ status: 'rejected', reason: { code: 'ERR_STORE_FULL' } })
    expect(namesIn(path)).toEqual(small.status === 'fulfilled' ? ['alice'] : [])
    await store.transact(CAROL, always(CREATE))
    expect(namesIn(path)).toContain('carol')
    db.close()
  })
})
