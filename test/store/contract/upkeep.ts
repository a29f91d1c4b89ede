import { expect, test } from 'vitest'
import { DAY_SECONDS } from '../../../src/base/time.ts'
import type { Change } from '../../../src/domain/change.ts'
import { KNOWN_SOURCE_SECONDS } from '../../../src/domain/known-source.ts'
import type { OneTimeCode } from '../../../src/domain/one-time-code.ts'
import {
  ALICE,
  at,
  audit,
  BOB,
  CREATE,
  sampleCode,
  sampleEvent,
  sampleSource,
  sampleTicket,
} from '../sample.ts'
import type { StoreUnderTest } from '../store-under-test.ts'

const DAY = DAY_SECONDS
/** The clock of the store begins at 0, and goes on by a second or two while a test runs. */
const LONG_AGO = at(-DAY)
const GRACE = 30 * DAY

function code(id: string, fields: Partial<OneTimeCode>): Change {
  const kind = 'bypass'
  return { kind: 'add-one-time-code', code: sampleCode({ id, selector: id, kind, ...fields }) }
}

function source(network: string, secondsAgo: number): Change {
  const lastSuccessAt = at(-secondsAgo)
  const fields = { network, lastSuccessAt, rememberedAt: undefined }
  return { kind: 'put-source', source: sampleSource(fields) }
}

function ticket(connection: string, seconds: number): Change {
  const made = sampleTicket(connection, { expiresAt: at(seconds) })
  return { kind: 'put-ticket', ticket: made, at: at(-2 * DAY) }
}

function deny(seconds: number, reason: string): Change {
  const event = sampleEvent({ at: at(seconds), outcome: 'denied' })
  return { kind: 'count-denial', event: { ...event, reason } }
}

function removed(tickets: number, codes: number, sources: number) {
  return expect.arrayContaining([
    { what: 'ticket', rows: tickets },
    { what: 'one-time code', rows: codes },
    { what: 'known source', rows: sources },
  ])
}

/** What has had its time goes, and nothing else. */
export function testUpkeep(current: () => StoreUnderTest): void {
  test('by removing tickets that are over', async () => {
    const { apply, find, upkeep } = current()
    await apply(BOB, ticket('over', -1), ticket('good', 150))
    expect(await upkeep.removeExpired(9)).toEqual(removed(1, 0, 0))
    expect(await find(BOB)).toMatchObject({
      tickets: [sampleTicket('good', { expiresAt: at(150) })],
    })
  })

  test('by removing codes a month after nobody can use them any more', async () => {
    const { apply, find, upkeep } = current()
    const [ended, recent] = [at(-GRACE - 1), at(-GRACE + 60)]
    await apply(
      ALICE,
      CREATE,
      code('expired', { expiresAt: ended }),
      code('used-up', { usesLeft: 0, lastUsedAt: ended, expiresAt: at(DAY) }),
      code('withdrawn', { usesLeft: 0, createdAt: ended }),
      code('invitation', { kind: 'invitation', expiresAt: ended }),
      code('just-expired', { expiresAt: recent }),
      code('just-used-up', { usesLeft: 0, lastUsedAt: recent, expiresAt: recent }),
      code('good', { expiresAt: at(DAY), createdAt: ended, lastUsedAt: ended, usesLeft: 3 }),
      code('endless', { createdAt: ended }),
      code('recovery', { kind: 'recovery', createdAt: ended }),
      code('used-recovery', { kind: 'recovery', usesLeft: 0, lastUsedAt: ended }),
    )
    expect(await upkeep.removeExpired(9)).toEqual(removed(0, 4, 0))
    const state = await find(ALICE)
    const left = state.kind === 'known' ? state.oneTimeCodes : []
    expect(left.map(({ id }) => id).toSorted()).toEqual(
      ['endless', 'good', 'just-expired', 'just-used-up', 'recovery', 'used-recovery'].toSorted(),
    )
  })

  test('by removing sources that do not count any more', async () => {
    const { apply, find, upkeep } = current()
    const { lastSuccessAt, rememberedAt, ...key } = sampleSource({ network: 'later' })
    await apply(
      ALICE,
      CREATE,
      source('old', KNOWN_SOURCE_SECONDS + 1),
      source('known', KNOWN_SOURCE_SECONDS - 60),
      source('of a clock that was ahead', -DAY),
      {
        kind: 'put-source',
        source: { ...key, lastSuccessAt: at(-KNOWN_SOURCE_SECONDS - 1), rememberedAt: at(-60) },
      },
    )
    expect(await upkeep.removeExpired(9)).toEqual(removed(0, 0, 1))
    const state = await find(ALICE)
    const left = state.kind === 'known' ? state.sources : []
    expect(left.map(({ network }) => network)).toEqual([
      'of a clock that was ahead',
      'known',
      'later',
    ])
  })

  test('a few rows at a time', async () => {
    const { apply, upkeep } = current()
    await apply(BOB, ...['a', 'b', 'c', 'd', 'e'].map((each) => ticket(each, -1)))
    expect(await upkeep.removeExpired(3)).toEqual(removed(3, 0, 0))
    expect(await upkeep.removeExpired(3)).toEqual(removed(2, 0, 0))
    expect(await upkeep.removeExpired(3)).toEqual(removed(0, 0, 0))
  })

  test('without a word about overrides that are over, which stay', async () => {
    const { apply, find, upkeep } = current()
    const override = { kind: 'waived', reason: 'trip', since: LONG_AGO, until: LONG_AGO } as const
    await apply(ALICE, CREATE, { kind: 'set-override', override })
    await upkeep.removeExpired(9)
    expect(await find(ALICE)).toMatchObject({ account: { override } })
  })

  test('with a row for the denials that were only counted, once their hour is over', async () => {
    const { apply, journal, register, upkeep } = current()
    const [first, last] = [-7200, -3700]
    await apply(ALICE, deny(first, 'throttled'), deny(first + 5, 'throttled'))
    await apply(ALICE, deny(last, 'throttled'), deny(first, 'locked'), deny(0, 'suspended'))
    await apply(ALICE, deny(1, 'suspended'), audit({ actor: 'between' }))
    expect(await upkeep.endDenialCounts(9)).toEqual({ ended: 2, recorded: 1 })
    expect((await journal.read({ account: 'alice' }, 0, 9)).at(-1)).toMatchObject({
      ...{ at: at(last), actor: 'pam', action: 'login', outcome: 'denied' },
      ...{ reason: 'throttled', count: 2 },
    })
    expect(await register.findCountedDenials(ALICE)).toMatchObject([{ reason: 'suspended' }])
    expect(await journal.verify()).toEqual({ rows: 5, problem: undefined })
  })

  test('so that the next denial begins anew, and none is told twice', async () => {
    const { apply, journal, upkeep } = current()
    await apply(ALICE, deny(-7200, 'locked'), deny(-7100, 'locked'))
    await upkeep.endDenialCounts(9)
    await apply(ALICE, deny(0, 'locked'), deny(0, 'locked'))
    expect((await journal.read({}, 0, 9)).map(({ count }) => count)).toEqual([1, 1, 1])
    expect(await upkeep.endDenialCounts(9)).toEqual({ ended: 0, recorded: 0 })
  })

  test('by counts a few at a time', async () => {
    const { apply, upkeep } = current()
    await apply(ALICE, ...['a', 'b', 'c'].flatMap((each) => [deny(-7200, each), deny(-7100, each)]))
    expect(await upkeep.endDenialCounts(2)).toEqual({ ended: 2, recorded: 2 })
    expect(await upkeep.endDenialCounts(2)).toEqual({ ended: 1, recorded: 1 })
  })
  test('and remembers when it was done, once somebody has said so', async () => {
    const { upkeep } = current()
    expect(await upkeep.findDoneAt()).toBeUndefined()
    await upkeep.noteDone()
    const [first, again] = [await upkeep.findDoneAt(), await upkeep.findDoneAt()]
    expect(first).toBe(again)
    expect(Number(first) - at(0)).toBeLessThan(60)
    expect(Number(first)).toBeGreaterThanOrEqual(at(0))
  })
}
