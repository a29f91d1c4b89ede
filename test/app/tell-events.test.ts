import { beforeEach, describe, expect, test } from 'vitest'
import type { Outbox } from '../../src/app/ports.ts'
import { toMatter } from '../../src/app/read-notices.ts'
import { tellEvents } from '../../src/app/tell-events.ts'
import type { TellInput, TellPorts, Told } from '../../src/app/telling-run.ts'
import { AppError } from '../../src/base/errors.ts'
import type { Change } from '../../src/domain/change.ts'
import { NOTIFY_EVENTS, type Notice } from '../../src/domain/notify-event.ts'
import { openOutbox } from '../../src/store/sqlite/outbox.ts'
import { ALICE, always, at, audit } from '../store/sample.ts'
import { fileOptions, initFile, openFile, tamper } from '../store/sqlite/sqlite-file.ts'
import { useScratchDirectory } from '../support/scratch-directory.ts'

const DAY = 86_400
const scratch = useScratchDirectory()

beforeEach(() => {
  initFile(scratch('a.db'))
})

async function append(...changes: readonly Change[]): Promise<void> {
  const storage = openFile(scratch('a.db'))
  await storage.store.transact(ALICE, always(...changes))
  storage.close()
}

/** So many logins that nobody wants to hear of. */
const logins = (count: number, seconds = 0) =>
  append(...Array.from({ length: count }, () => audit({ at: at(seconds) })))

/** One run; how often it has written down where it is, and where that is. */
async function run(now = 0, changes: Partial<TellPorts> = {}, input: Partial<TellInput> = {}) {
  const outbox = openOutbox({
    ...fileOptions(scratch('a.db')),
    now: () => at(now),
    beforeCommit: () => {},
  })
  let saves = 0
  const counting: Outbox = {
    ...outbox,
    save: (telling) => {
      saves++
      return outbox.save(telling)
    },
  }
  const told: number[] = []
  const tell: TellPorts['tell'] = async (notice) => {
    if (notice.kind === 'event') told.push(notice.row.seq)
    return { outcome: 'told' }
  }
  const ports = { outbox: counting, tell, now: () => at(now), isStopping: () => false, ...changes }
  const result = await tellEvents(ports, { events: NOTIFY_EVENTS, isUrgent: false, ...input })
  const telling = await outbox.read()
  outbox.close()
  if (telling === 'damaged') throw new Error('damaged')
  return { result, told, saves, through: telling?.through, waiting: telling?.waiting ?? [] }
}

describe('a run', () => {
  test('begins behind what is there, and with the first row of an empty log', async () => {
    expect(await run()).toMatchObject({ told: [], through: 0 })
    await append(audit({ action: 'reset', outcome: 'done' }))
    expect(await run()).toMatchObject({ told: [1], through: 1 })
  })

  test('writes nothing for a login that nobody is told of', async () => {
    await run()
    await logins(3)
    expect(await run()).toMatchObject({ told: [], saves: 0, through: 0 })
  })

  test('passes over them when they are many, or old enough to be pruned before long', async () => {
    await run()
    await logins(100)
    expect(await run()).toMatchObject({ saves: 1, through: 100 })
    await logins(1)
    expect(await run(DAY)).toMatchObject({ saves: 0, through: 100 })
    expect(await run(DAY + 1)).toMatchObject({ saves: 1, through: 101 })
  })

  test('reads a log of many pages to its end', async () => {
    await run()
    await logins(1200)
    await append(audit({ action: 'reset', outcome: 'done' }))
    await logins(1200)
    expect(await run()).toMatchObject({ told: [1201], through: 2401 })
  })

  test('ends between two rows when it is asked to', async () => {
    await run()
    await append(...[1, 2, 3].map(() => audit({ action: 'reset', outcome: 'done' })))
    let asked = 0
    const isStopping = () => ++asked > 2
    expect(await run(0, { isStopping })).toMatchObject({ told: [1, 2], through: 2 })
  })
})

test('what could not be noted is not told, or it would be told at every try', async () => {
  await run()
  await append(audit({ action: 'reset', outcome: 'done' }))
  const outbox = openOutbox({
    ...fileOptions(scratch('a.db')),
    now: () => at(0),
    beforeCommit: () => {
      throw new AppError('ERR_STORE_FULL', 'no space left for the database')
    },
  })
  const told: Notice[] = []
  const tell = async (notice: Notice): Promise<Told> => {
    told.push(notice)
    return { outcome: 'told' }
  }
  await expect(run(0, { outbox, tell })).rejects.toMatchObject({ code: 'ERR_STORE_FULL' })
  outbox.close()
  expect(told).toEqual([])
  expect(await run()).toMatchObject({ told: [1], through: 1 })
})

describe('a row that is not taken', () => {
  const resets = (count: number) =>
    append(...Array.from({ length: count }, () => audit({ action: 'reset', outcome: 'done' })))

  /** A command that takes all but these rows; which it was asked to, and which it took. */
  function refuse(...rows: readonly number[] | ['all']) {
    const asked: number[] = []
    const tell = async (notice: Notice): Promise<Told> => {
      const { seq } = toMatter(notice)
      asked.push(seq)
      const isRefused = rows.some((row) => row === 'all' || row === seq)
      return isRefused ? { outcome: 'failed', why: 'no' } : { outcome: 'told' }
    }
    return { asked, tell }
  }

  test('holds up none behind it, and comes when it is taken', async () => {
    await run()
    await resets(3)
    const first = refuse(1)
    expect(await run(0, first)).toMatchObject({
      result: { told: 2, untold: [{ seq: 1, why: 'no', retryAt: at(15) }], retryAt: at(15) },
      through: 3,
      waiting: [{ seq: 1, tries: 1, isPassed: true }],
    })
    expect(first.asked).toEqual([1, 2, 3])
    await resets(1)
    expect(await run(14)).toMatchObject({ told: [4], result: { retryAt: at(15) } })
    expect(await run(15)).toMatchObject({ told: [1], waiting: [], result: { retryAt: undefined } })
    expect(await run(9999)).toMatchObject({ told: [] })
  })

  test('is one of ten that somebody has named so, and what an admin did is told at once', async () => {
    await run()
    await resets(10)
    await append(audit({ action: 'bypass', outcome: 'done' }))
    const poison = refuse(1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
    // No run asks for more than so many in vain: each may take its whole time limit.
    for (let round = 0; round < 4; round++) await run(round, poison)
    expect(poison.asked).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
    const later = await run(15, poison)
    expect(poison.asked.slice(11)).toEqual([1, 2, 3])
    expect(later).toMatchObject({ through: 11, result: { told: 0 } })
  })

  test('is tried at once where that is wanted', async () => {
    await run()
    await resets(1)
    await run(0, refuse('all'))
    expect(await run(1)).toMatchObject({ told: [] })
    expect(await run(1, {}, { isUrgent: true })).toMatchObject({ told: [1] })
  })

  test('is not told any more where nobody wants to hear of it by then', async () => {
    await run()
    await resets(1)
    await run(0, refuse('all'))
    expect(await run(15, {}, { events: ['bypass'] })).toMatchObject({ told: [], waiting: [] })
  })

  test('is told to be missing where it was pruned meanwhile', async () => {
    await run()
    await resets(2)
    await run(0, refuse(1))
    tamper(scratch('a.db'), (db) => db.exec('DELETE FROM audit WHERE seq = 1'))
    const notices: Notice[] = []
    const tell = async (notice: Notice): Promise<Told> => {
      notices.push(notice)
      return { outcome: 'told' }
    }
    await run(15, { tell })
    expect(notices).toEqual([{ kind: 'gap', first: 1, last: 1 }])
  })

  test('may be the news that rows are missing, or the end of the log', async () => {
    await run()
    await resets(4)
    tamper(scratch('a.db'), (db) => db.exec('DELETE FROM audit WHERE seq IN (1, 2)'))
    expect(await run(0, refuse('all'))).toMatchObject({
      waiting: [{ kind: 'gap', seq: 2, from: 1 }, { seq: 3 }, { seq: 4 }],
    })
    tamper(scratch('a.db'), (db) => db.exec('DELETE FROM audit WHERE seq = 4'))
    const notices: Notice[] = []
    const tell = async (notice: Notice): Promise<Told> => {
      notices.push(notice)
      return { outcome: 'failed', why: 'no' }
    }
    expect(await run(15, { tell })).toMatchObject({
      through: 3,
      waiting: [
        { kind: 'gap', seq: 2, from: 1 },
        { kind: 'event', seq: 3 },
        { kind: 'cut', seq: 3, from: 4 },
      ],
    })
    const told = notices.splice(0)
    await run(99, { tell })
    expect(notices.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['gap', 'event', 'cut']))
    expect(told.map(({ kind }) => kind)).toEqual(['gap', 'event', 'cut'])
  })

  test('is one of a hundred at most while nothing is taken, and none is lost by that', async () => {
    await run()
    await resets(105)
    const down = refuse('all')
    for (let round = 0; round < 40; round++) await run(0, down)
    expect(down.asked).toHaveLength(100 + 1)
    const still = await run(1, down)
    expect(still).toMatchObject({ through: 100, saves: 0 })
    expect(still.waiting).toHaveLength(100)
    const up = await run(9999)
    expect(up.told).toHaveLength(105)
    expect(up).toMatchObject({ waiting: [], through: 105 })
  })
})
