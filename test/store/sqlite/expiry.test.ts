import { expect, test } from 'vitest'
import { DAY_SECONDS, type UnixSeconds } from '../../../src/base/time.ts'
import type { Change } from '../../../src/domain/change.ts'
import { KNOWN_SOURCE_SECONDS } from '../../../src/domain/known-source.ts'
import { removeExpired } from '../../../src/store/sqlite/expiry.ts'
import { openDatabase } from '../../../src/store/sqlite/open.ts'
import { createWriteLock, type WithLock } from '../../../src/store/sqlite/write-lock.ts'
import { useScratchDirectory } from '../../support/scratch-directory.ts'
import { at, CREATE, sampleCode, sampleSource, sampleTicket } from '../sample.ts'
import { fileOptions, initFile, saveInFile, tamper } from './sqlite-file.ts'

const scratch = useScratchDirectory()
const YEAR = 365 * DAY_SECONDS
const NOW = at(0)
const LONG_AGO = at(-2 * YEAR)

interface RowCase {
  readonly what: string
  /** Makes one that is over by months. */
  readonly over: Change
  /** SQL for what makes it good again. */
  readonly renew: string
}

const ROWS: readonly RowCase[] = [
  {
    what: 'ticket',
    over: {
      kind: 'put-ticket',
      ticket: sampleTicket('old', { expiresAt: at(-YEAR) }),
      at: LONG_AGO,
    },
    renew: 'UPDATE ticket SET expires_at = :now + 1',
  },
  {
    what: 'one-time code',
    over: {
      kind: 'add-one-time-code',
      code: sampleCode({ kind: 'bypass', expiresAt: at(-YEAR) }),
    },
    renew: 'UPDATE one_time_code SET expires_at = :now + 1',
  },
  {
    what: 'known source',
    over: {
      kind: 'put-source',
      source: sampleSource({
        lastSuccessAt: at(-YEAR - KNOWN_SOURCE_SECONDS),
        rememberedAt: undefined,
      }),
    },
    renew: 'UPDATE known_source SET last_success_at = :now',
  },
]

/** What went, where `wait` is what happens between the search for rows and the lock. */
function remove({ wait = () => {}, locked = NOW }: { wait?: () => void; locked?: UnixSeconds }) {
  const db = openDatabase({ ...fileOptions(scratch('a.db')), create: false })
  const withLock = createWriteLock(db, { now: () => locked, beforeCommit: () => {} })
  const late: WithLock = (act) => {
    wait()
    return withLock(act)
  }
  try {
    return removeExpired(db, late, NOW, 9).filter(({ rows }) => rows > 0)
  } finally {
    db.close()
  }
}

test.each(ROWS)('a $what that is renewed while the lock is waited for stays', async (row) => {
  initFile(scratch('a.db'))
  await saveInFile(scratch('a.db'), CREATE, row.over)
  let renewed = 0
  const wait = () =>
    tamper(scratch('a.db'), (db) => {
      renewed += db.prepare(row.renew).run({ now: NOW }).changes
    })
  expect(remove({ wait })).toEqual([])
  expect(renewed).toBe(1)
})

test.each(ROWS)('a $what is judged by the time at which the lock is there', async (row) => {
  initFile(scratch('a.db'))
  await saveInFile(scratch('a.db'), CREATE, row.over)
  expect(remove({ locked: LONG_AGO })).toEqual([])
  expect(remove({})).toEqual([{ what: row.what, rows: 1 }])
})
