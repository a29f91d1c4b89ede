import { expect, test } from 'vitest'
import type { PruneOrder } from '../../../src/app/ports.ts'
import { formatTime } from '../../../src/base/time.ts'
import { ALICE, at, audit } from '../sample.ts'
import type { StoreUnderTest } from '../store-under-test.ts'

function order(through: number, fields: Partial<PruneOrder> = {}): PruneOrder {
  return { through, before: at(50), actor: 'root', reason: undefined, ...fields }
}

interface PlanCase {
  readonly of: string
  /** When each row was written, by the clock of that time. */
  readonly rows: readonly number[]
  readonly wanted: { readonly rows: number; readonly through: number } | undefined
}

const BEFORE = 50
const NOW = 100

const PLANS: readonly PlanCase[] = [
  { of: 'an empty log', rows: [], wanted: undefined },
  { of: 'the newest row alone, however old', rows: [1], wanted: undefined },
  { of: 'old rows, but the newest', rows: [1, 2, 3], wanted: { rows: 2, through: 2 } },
  { of: 'old rows in front of one that stays', rows: [1, 2, 60], wanted: { rows: 2, through: 2 } },
  { of: 'a row of that very second', rows: [1, 50, 60], wanted: { rows: 1, through: 1 } },
  { of: 'an old row behind one that stays', rows: [60, 1, 70], wanted: undefined },
  {
    of: 'rows of a clock that was ahead, in front of an old one',
    rows: [1, 900, 900, 2, 60],
    wanted: { rows: 4, through: 4 },
  },
  {
    of: 'a row of a clock that was ahead, in front of one that stays',
    rows: [1, 900, 60],
    wanted: { rows: 1, through: 1 },
  },
]

/** Old rows go from the front, and what is left is still one chain. */
export function testPruning(current: () => StoreUnderTest): void {
  test.each(PLANS)('with a plan for $of', async ({ rows, wanted }) => {
    const { apply, journal } = current()
    await apply(ALICE, ...rows.map((seconds) => audit({ at: at(seconds) })))
    expect(await journal.findPrunable(at(BEFORE), at(NOW))).toEqual(wanted)
  })

  test.each([
    { of: 'an empty log', rows: [], wanted: undefined },
    { of: 'rows in order', rows: [1, 2, 3], wanted: at(3) },
    { of: 'a row of a clock that was ahead, in front of others', rows: [900, 2, 3], wanted: at(3) },
    { of: 'a row of a clock that is ahead, behind others', rows: [1, 2, 900], wanted: at(900) },
  ])('knowing how new its newest row is, for $of', async ({ rows, wanted }) => {
    const { apply, journal } = current()
    await apply(ALICE, ...rows.map((seconds) => audit({ at: at(seconds) })))
    expect(await journal.findNewestAt()).toBe(wanted)
  })

  test('without taking the record of it for a new row', async () => {
    const { apply, journal } = current()
    await apply(ALICE, ...[-30, -20, -10].map((seconds) => audit({ at: at(seconds) })))
    await journal.prune(order(2), 1)
    await journal.prune(order(2), 1)
    expect(await journal.read({}, 0, 9)).toHaveLength(3)
    expect(await journal.findNewestAt()).toBe(at(-10))
  })

  test('and leaves a sound chain, a record of who did it, and the next row in its place', async () => {
    const { apply, journal } = current()
    await apply(ALICE, audit(), audit(), audit({ actor: 'kept' }))
    expect(await journal.prune(order(2, { actor: 'claimed:bob', reason: 'policy 7' }), 9)).toBe(2)
    expect(await journal.read({}, 0, 9)).toMatchObject([
      { seq: 3, actor: 'kept' },
      {
        seq: 4,
        ...{ actor: 'claimed:bob', action: 'audit-prune', outcome: 'done', account: '', count: 1 },
        reason: `rows 1 to 2, from before ${formatTime(at(50))}: policy 7`,
      },
    ])
    expect(await journal.verify()).toEqual({ rows: 2, pruned: 2, problem: undefined })
    expect((await apply(ALICE, audit())).audit).toMatchObject({ seq: 5 })
    expect(await journal.verify()).toEqual({ rows: 3, pruned: 2, problem: undefined })
  })

  test('a piece at a time, sound after each, and no further than it was told', async () => {
    const { apply, journal } = current()
    await apply(ALICE, ...Array.from({ length: 10 }, () => audit()))
    const seen: unknown[] = []
    for (let piece = 0; piece < 4; piece++) {
      seen.push([await journal.prune(order(5), 2), await journal.verify()])
    }
    expect(seen).toEqual([
      [2, { rows: 9, pruned: 2, problem: undefined }],
      [2, { rows: 8, pruned: 4, problem: undefined }],
      [1, { rows: 8, pruned: 5, problem: undefined }],
      [0, { rows: 8, pruned: 5, problem: undefined }],
    ])
    const left = await journal.read({}, 0, 99)
    expect(left.map(({ seq }) => seq)).toEqual([6, 7, 8, 9, 10, 11, 12, 13])
    const records = left.flatMap(({ reason }) => /^rows \d+ to \d+/.exec(reason ?? '')?.[0] ?? [])
    expect(records).toEqual(['rows 1 to 2', 'rows 3 to 4', 'rows 5 to 5'])
  })

  test('never the newest row, whatever it was told', async () => {
    const { apply, journal } = current()
    await apply(ALICE, audit(), audit())
    expect(await journal.prune(order(99), 9)).toBe(1)
    expect((await journal.read({}, 0, 9)).map(({ seq }) => seq)).toEqual([2, 3])
    expect((await journal.verify()).problem).toBeUndefined()
  })

  test('by two at once each row once', async () => {
    const { apply, journal, other } = current()
    await apply(ALICE, ...Array.from({ length: 9 }, () => audit()))
    const pruned = await Promise.all(
      [journal, other.journal, journal, other.journal].map((each) => each.prune(order(8), 3)),
    )
    expect(pruned).toEqual([3, 3, 2, 0])
    expect(await other.journal.verify()).toEqual({ rows: 4, pruned: 8, problem: undefined })
  })
}
