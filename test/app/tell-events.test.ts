import { beforeEach, describe, expect, test } from 'vitest'
import type { Outbox } from '../../src/app/ports.ts'
import { type TellPorts, type Told, tellEvents } from '../../src/app/tell-events.ts'
import type { Change } from '../../src/domain/change.ts'
import { NOTIFY_EVENTS } from '../../src/domain/notify-event.ts'
import { openOutbox } from '../../src/store/sqlite/outbox.ts'
import { ALICE, always, at, audit } from '../store/sample.ts'
import { fileOptions, initFile, openFile } from '../store/sqlite/sqlite-file.ts'
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
async function run(now = 0, changes: Partial<TellPorts> = {}) {
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
  const result = await tellEvents(ports, { events: NOTIFY_EVENTS, isUrgent: false })
  const through = (await outbox.read())?.through
  outbox.close()
  return { result, told, saves, through }
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

  test('passes over none of them while a row behind them waits', async () => {
    await run()
    await logins(200)
    await append(audit({ action: 'reset', outcome: 'done' }))
    const failing = async (): Promise<Told> => ({ outcome: 'failed', why: 'no' })
    expect(await run(0, { tell: failing })).toMatchObject({ through: 0 })
    expect(await run(1)).toMatchObject({ told: [], saves: 0, result: { retryAt: at(15) } })
    expect(await run(15)).toMatchObject({ told: [201], through: 201 })
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
