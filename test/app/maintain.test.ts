import { beforeEach, describe, expect, test } from 'vitest'
import { maintain } from '../../src/app/maintain.ts'
import type { Now, Pause } from '../../src/app/ports.ts'
import { DAY_SECONDS } from '../../src/base/time.ts'
import type { Change } from '../../src/domain/change.ts'
import type { Storage } from '../../src/store/sqlite/storage.ts'
import {
  ALICE,
  always,
  at,
  audit,
  BOB,
  CREATE,
  sampleEvent,
  sampleTicket,
} from '../store/sample.ts'
import { initFile, openFile, openRaw, saveInFile } from '../store/sqlite/sqlite-file.ts'
import { useScratchDirectory } from '../support/scratch-directory.ts'

const scratch = useScratchDirectory()
const INPUT = { keepSeconds: 30 * DAY_SECONDS, actor: 'root' }
const now = () => at(0)
/** Ten years ahead. */
const wrongNow = () => at(3650 * DAY_SECONDS)
const OLD_ROWS = 2500
const OLD = audit({ at: at(-31 * DAY_SECONDS) })
const TICKETS = 1500
const ALL = { through: OLD_ROWS + 1, before: at(1), actor: 'root', reason: undefined }

/** More than two pieces of old rows, and more than one of tickets. */
beforeEach(async () => {
  initFile(scratch('a.db'))
  await saveInFile(scratch('a.db'), CREATE, ...Array.from({ length: OLD_ROWS }, () => OLD))
  await saveInFile(scratch('a.db'), audit({ at: at(0) }), ...tickets())
})

function tickets(): readonly Change[] {
  return Array.from({ length: TICKETS }, (_, index) => {
    const ticket = sampleTicket(`connection ${index}`, { expiresAt: at(-1) })
    return { kind: 'put-ticket', ticket, at: at(-DAY_SECONDS) }
  })
}

/** Runs it on a connection of its own, and closes that. */
async function run(pause: Pause = async () => {}, clock: Now = now) {
  return withStorage((storage) => maintain({ ...storage, now: clock, pause }, INPUT), clock)
}

async function withStorage<T>(use: (storage: Storage) => Promise<T>, clock = now): Promise<T> {
  const storage = openFile(scratch('a.db'), { now: clock })
  try {
    return await use(storage)
  } finally {
    storage.close()
  }
}

const verify = () => withStorage(({ journal }) => journal.verify())

describe('maintenance', () => {
  test('takes out everything that is over, and says how much', async () => {
    expect(await run()).toEqual({
      removed: expect.arrayContaining([
        { what: 'ticket', rows: TICKETS },
        { what: 'one-time code', rows: 0 },
      ]),
      denialsRecorded: 0,
      pruned: { rows: OLD_ROWS, before: at(-30 * DAY_SECONDS) },
      isCheckpointed: true,
    })
    // The row that stays, and a record for each piece.
    expect(await verify()).toEqual({ rows: 4, pruned: OLD_ROWS, problem: undefined })
  })

  test('finds nothing more to do at once, and writes nothing then', async () => {
    await run()
    const again = await run()
    expect(again.removed.every(({ rows }) => rows === 0)).toBe(true)
    expect(again.pruned.rows).toBe(0)
    expect(await verify()).toMatchObject({ rows: 4 })
  })

  test('lets others write between its pieces', async () => {
    let logins = 0
    await run(async () => {
      await withStorage(({ store }) => store.transact(BOB, always(audit({ at: at(0) }))))
      logins++
    })
    expect(logins).toBe(3)
    expect(await verify()).toEqual({ rows: 7, pruned: OLD_ROWS, problem: undefined })
  })

  test.each([
    1, 2, 3,
  ])('ended at its pause %i leaves a sound log, and goes on later', async (nth) => {
    let pauses = 0
    const ended = run(async () => {
      pauses++
      if (pauses === nth) throw new Error('ended')
    })
    await expect(ended).rejects.toThrow('ended')
    const { pruned = 0, problem } = await verify()
    expect(problem).toBeUndefined()
    const { pruned: rest } = await run()
    expect(pruned + rest.rows).toBe(OLD_ROWS)
    expect((await verify()).problem).toBeUndefined()
  })

  test('may run twice at once: each row goes once', async () => {
    const turn = () => new Promise<void>((resolve) => setImmediate(resolve))
    const both = await Promise.all([run(turn), run(turn)])
    expect(both[0].pruned.rows + both[1].pruned.rows).toBe(OLD_ROWS)
    const counted = both.flatMap(({ removed }) => removed.filter(({ what }) => what === 'ticket'))
    expect(counted.reduce((sum, { rows }) => sum + rows, 0)).toBe(TICKETS)
    expect((await verify()).problem).toBeUndefined()
  })

  test('is done where a reader keeps the log of the database from being emptied, and says so', async () => {
    const reader = openRaw(scratch('a.db'))
    reader.exec('BEGIN; SELECT count(*) FROM account')
    reader.prepare('SELECT count(*) FROM account').get()
    expect(await run()).toMatchObject({ pruned: { rows: OLD_ROWS }, isCheckpointed: false })
    reader.close()
    expect((await run()).isCheckpointed).toBe(true)
  })

  test('takes no lock for rows that are not there', async () => {
    await run()
    const writer = openRaw(scratch('a.db'))
    writer.exec('BEGIN IMMEDIATE')
    await withStorage(async ({ upkeep }) => {
      const removed = await upkeep.removeExpired(9)
      expect(removed.map(({ rows }) => rows)).not.toContain(1)
      expect(removed.length).toBeGreaterThan(0)
    })
    writer.close()
  })

  test('does not believe a clock that is ahead of every row, at its first run or later', async () => {
    await run()
    const left = await verify()
    for (let time = 1; time <= 2; time++) {
      expect((await run(undefined, wrongNow)).pruned).toEqual({
        rows: 0,
        before: at(-30 * DAY_SECONDS),
      })
    }
    expect(await verify()).toEqual(left)
  })

  test('prunes by the newest row under such a clock, whose record is no newer row then', async () => {
    const first = await run(undefined, wrongNow)
    expect(first.pruned).toEqual({ rows: OLD_ROWS, before: at(-30 * DAY_SECONDS) })
    const second = await run(undefined, wrongNow)
    expect(second.pruned).toEqual({ rows: 0, before: at(-30 * DAY_SECONDS) })
    expect(await verify()).toEqual({ rows: 4, pruned: OLD_ROWS, problem: undefined })
  })

  test('prunes as ever where it records denials of long ago', async () => {
    const denial = sampleEvent({ at: at(-300 * DAY_SECONDS), outcome: 'denied' })
    const count: Change = { kind: 'count-denial', event: { ...denial, reason: 'throttled' } }
    await saveInFile(scratch('a.db'), count, count, audit({ at: at(0) }))
    expect(await run()).toMatchObject({ denialsRecorded: 1, pruned: { rows: OLD_ROWS } })
  })

  test('goes by the clock where that is behind the newest row', async () => {
    const clock = () => at(-2 * DAY_SECONDS)
    expect((await run(undefined, clock)).pruned).toEqual({
      rows: 0,
      before: at(-32 * DAY_SECONDS),
    })
  })

  test('prunes nothing of a log that holds nothing but records of pruning', async () => {
    await run()
    const log = () => withStorage(({ journal }) => journal.read({}, 0, 9))
    await withStorage(({ journal }) => journal.prune(ALL, 9))
    const records = await log()
    expect(new Set(records.map(({ action }) => action))).toEqual(new Set(['audit-prune']))
    expect((await run(undefined, wrongNow)).pruned.rows).toBe(0)
    expect(await log()).toEqual(records)
  })

  test('leaves alice as she was', async () => {
    const find = () => withStorage(({ register }) => register.find(ALICE))
    const { tickets: _, ...before } = await find()
    await run()
    expect(await find()).toEqual({ ...before, tickets: [] })
  })
  test('says when it was done only where it was done to its end', async () => {
    const findDoneAt = () => withStorage(({ upkeep }) => upkeep.findDoneAt())
    const cutOff = async () => {
      throw new Error('cut off')
    }
    await expect(run(cutOff)).rejects.toThrow('cut off')
    expect(await findDoneAt()).toBeUndefined()
    await run()
    expect(await findDoneAt()).toBe(at(0))
  })
})
