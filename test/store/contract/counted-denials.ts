import { expect, test } from 'vitest'
import { COUNTED_DENIAL_SECONDS } from '../../../src/domain/audit-event.ts'
import type { Change } from '../../../src/domain/change.ts'
import { ALICE, at, BOB, CREATE, sampleEvent } from '../sample.ts'
import { REFUSED, type StoreUnderTest } from '../store-under-test.ts'

function deny(seconds: number, reason = 'throttled'): Change {
  const event = sampleEvent({ at: at(seconds), outcome: 'denied' })
  return { kind: 'count-denial', event: { ...event, reason } }
}

/** Denials that cost nothing share a row for an hour. */
export function testCountedDenials(current: () => StoreUnderTest): void {
  test('with a row for the first one, and none for equal ones within the hour', async () => {
    const { apply, journal, register } = current()
    const first = await apply(ALICE, deny(0))
    const rows = await journal.read({}, 0, 10)
    expect(rows).toMatchObject([{ account: 'alice', reason: 'throttled', count: 1 }])
    expect(first.audit).toEqual({ seq: 1, hash: rows[0]?.hash })
    expect((await apply(ALICE, deny(1), deny(1))).audit).toBeUndefined()
    expect((await apply(ALICE, deny(COUNTED_DENIAL_SECONDS))).audit).toBeUndefined()
    expect(await journal.read({}, 0, 10)).toEqual(rows)
    expect(await register.findCountedDenials(ALICE)).toEqual([
      { reason: 'throttled', since: at(0), lastAt: at(COUNTED_DENIAL_SECONDS), count: 3 },
    ])
  })

  test('and says in the next row how many it stands for', async () => {
    const { apply, journal, register } = current()
    const late = COUNTED_DENIAL_SECONDS + 1
    for (const seconds of [0, 1, 2, 3]) await apply(ALICE, deny(seconds))
    expect((await apply(ALICE, deny(late))).audit).toMatchObject({ seq: 2 })
    expect(await journal.read({}, 1, 10)).toMatchObject([{ at: at(late), count: 4 }])
    expect(await register.findCountedDenials(ALICE)).toEqual([])
    expect((await apply(ALICE, deny(late + 1))).audit).toBeUndefined()
    expect((await apply(ALICE, deny(2 * late))).audit).toMatchObject({ seq: 3 })
    expect(await journal.read({}, 2, 10)).toMatchObject([{ count: 2 }])
    expect(await journal.verify()).toEqual({ rows: 3, problem: undefined })
  })

  test('apart for each reason and each account', async () => {
    const { apply, journal, register } = current()
    await apply(ALICE, deny(0), deny(0, 'locked'))
    await apply(BOB, deny(0), deny(1))
    await apply(ALICE, deny(2, 'locked'), deny(2, 'locked'))
    expect((await journal.read({}, 0, 10)).map(({ account, reason }) => [account, reason])).toEqual(
      [
        ['alice', 'throttled'],
        ['alice', 'locked'],
        ['bob', 'throttled'],
      ],
    )
    expect(await register.findCountedDenials(ALICE)).toMatchObject([{ reason: 'locked', count: 2 }])
    expect(await register.findCountedDenials(BOB)).toMatchObject([
      { reason: 'throttled', count: 1 },
    ])
  })

  test('anew after the clock was set back, instead of keeping silent until it has caught up', async () => {
    const { apply, journal } = current()
    const longAgo = -10 * COUNTED_DENIAL_SECONDS
    await apply(ALICE, deny(0), deny(1))
    expect((await apply(ALICE, deny(longAgo))).audit).toMatchObject({ seq: 2 })
    expect((await apply(ALICE, deny(longAgo + 1))).audit).toBeUndefined()
    expect(await journal.read({}, 1, 10)).toMatchObject([{ at: at(longAgo), count: 2 }])
  })

  test('of a step that failed not at all', async () => {
    const { apply, journal, register } = current()
    await apply(ALICE, CREATE, deny(0))
    const failing = apply(ALICE, deny(1), deny(2, 'locked'), CREATE)
    await expect(failing).rejects.toMatchObject(REFUSED)
    expect(await register.findCountedDenials(ALICE)).toEqual([])
    expect(await journal.read({}, 0, 10)).toHaveLength(1)
  })

  test('of names that have no account', async () => {
    const { apply, find, register } = current()
    await apply(BOB, deny(0, 'not-enrolled'), deny(0, 'not-enrolled'))
    expect(await find(BOB)).toEqual({ kind: 'never-known', tickets: [] })
    expect(await register.findCountedDenials(BOB)).toMatchObject([{ count: 1 }])
  })
}
