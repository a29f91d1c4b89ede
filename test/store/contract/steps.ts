import { expect, test } from 'vitest'
import type { UnixSeconds } from '../../../src/base/time.ts'
import type { AccountState } from '../../../src/domain/account.ts'
import type { Outcome } from '../../../src/domain/change.ts'
import { hashConnection } from '../../../src/domain/ticket.ts'
import { ALICE, always, at, audit, BOB, CREATE, freshAccount, parseName } from '../sample.ts'
import { REFUSED, type StoreUnderTest } from '../store-under-test.ts'

const CAROL = parseName('carol')
const BROKEN = new Error('the step broke')

function breakDown(): never {
  throw BROKEN
}

/** Transactions, alone and several at once. */
export function testSteps(current: () => StoreUnderTest): void {
  test('on the state as it is, and hands back what they answer', async () => {
    const { store, apply } = current()
    const echo = (state: AccountState): Outcome<AccountState> => ({ changes: [], result: state })
    expect((await store.transact(ALICE, echo)).result).toEqual({ kind: 'never-known', tickets: [] })
    await apply(ALICE, CREATE)
    expect((await store.transact(ALICE, echo)).result).toEqual(freshAccount(ALICE))
  })

  test('that throw, saving nothing of them and handing on the very error', async () => {
    const { store, find } = current()
    await expect(store.transact(ALICE, breakDown)).rejects.toBe(BROKEN)
    expect(await find(ALICE)).toEqual({ kind: 'never-known', tickets: [] })
  })

  test('and resolves when another connection sees what they saved', async () => {
    const { apply, other } = current()
    const seen = apply(ALICE, CREATE).then(() => other.register.find(ALICE))
    expect(await seen).toEqual(freshAccount(ALICE))
  })

  test('of several accounts in one turn, where one that throws takes nothing of the others', async () => {
    const { store, apply, other, journal } = current()
    const settled = await Promise.allSettled([
      apply(ALICE, CREATE, audit({ actor: 'first' })),
      store.transact(BOB, breakDown),
      apply(BOB, CREATE, audit(), { kind: 'consume-ticket', connection: hashConnection('none') }),
      apply(CAROL, CREATE, audit({ actor: 'last' })),
    ])
    expect(settled.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'rejected',
      'fulfilled',
    ])
    expect(settled[1]).toMatchObject({ reason: BROKEN })
    expect(settled[2]).toMatchObject({ reason: REFUSED })
    expect(await other.register.find(ALICE)).toEqual(freshAccount(ALICE))
    expect(await other.register.find(BOB)).toEqual({ kind: 'never-known', tickets: [] })
    expect(await other.register.find(CAROL)).toEqual(freshAccount(CAROL))
    expect(await journal.read({}, 0, 10)).toMatchObject([
      { seq: 1, actor: 'first' },
      { seq: 2, actor: 'last' },
    ])
    expect((await journal.verify()).problem).toBeUndefined()
  })

  test('of one account in one turn, each on what the one before has left', async () => {
    const { store, find } = current()
    const count = (state: AccountState): Outcome<number> => {
      if (state.kind === 'never-known') return { changes: [CREATE], result: 0 }
      const { code } = state.account.throttle
      const throttle = { ...code, consecutiveFailures: code.consecutiveFailures + 1 }
      return {
        changes: [{ kind: 'set-throttle', budget: 'code', throttle }],
        result: throttle.consecutiveFailures,
      }
    }
    const answers = await Promise.all([1, 2, 3, 4].map(() => store.transact(ALICE, count)))
    expect(answers.map(({ result }) => result)).toEqual([0, 1, 2, 3])
    expect(await find(ALICE)).toMatchObject({
      account: { throttle: { code: { consecutiveFailures: 3 } } },
    })
  })

  test('of two connections by a clock that was read in the order they are saved in', async () => {
    const { store, other, apply } = current()
    const lateBy = (state: AccountState, now: UnixSeconds): Outcome<number> => {
      const last = state.kind === 'known' ? state.account.lastLoginAt : undefined
      return { changes: [{ kind: 'record-login', at: now }], result: now - (last ?? now) }
    }
    await apply(ALICE, CREATE)
    const connections = [store, other.store, store, other.store, other.store, store]
    const answers = await Promise.all(connections.map((each) => each.transact(ALICE, lateBy)))
    for (const { result } of answers) expect(result).toBeGreaterThanOrEqual(0)
    expect(Math.max(...answers.map(({ result }) => result))).toBeGreaterThan(0)
  })

  test('that want nothing changed', async () => {
    const { store, find } = current()
    expect(await store.transact(ALICE, always())).toEqual({ result: undefined, audit: undefined })
    expect(await find(ALICE)).toEqual({ kind: 'never-known', tickets: [] })
  })

  test('after one that failed as if it had never been', async () => {
    const { apply, find, store } = current()
    await expect(store.transact(ALICE, breakDown)).rejects.toBe(BROKEN)
    await apply(ALICE, CREATE, { kind: 'record-login', at: at(1) })
    expect(await find(ALICE)).toEqual(freshAccount(ALICE, { lastLoginAt: at(1) }))
  })
}
