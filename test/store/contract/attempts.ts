import { expect, test } from 'vitest'
import type { Answered, Kept } from '../../../src/domain/attempt.ts'
import type { KeepAnswer } from '../../../src/domain/change.ts'
import type { AccountName } from '../../../src/domain/name.ts'
import { ALICE, at, audit, BOB, CREATE, sampleAttempt } from '../sample.ts'
import type { StoreUnderTest } from '../store-under-test.ts'

const ONE = sampleAttempt('1')
const TWO = sampleAttempt('2')
const BY_PHONE: Answered = { outcome: 'accepted', method: 'totp', device: 'phone' }

function keep(fields: Partial<KeepAnswer> = {}): KeepAnswer {
  const fresh = { attempt: ONE, answer: BY_PHONE, at: at(0), expiresAt: at(60) }
  return { kind: 'keep-answer', ...fresh, ...fields }
}

/** The yes of an attempt, for whoever asks by it again. */
export function testAttempts(current: () => StoreUnderTest): void {
  const answerOf = async (name: AccountName, attempt = ONE) => {
    const echo = (_state: unknown, _now: unknown, kept?: Kept) => ({
      changes: [],
      result: kept,
    })
    return (await current().store.transact(name, echo, attempt)).result
  }

  test.each<Answered>([
    BY_PHONE,
    { outcome: 'accepted', method: 'recovery' },
    { outcome: 'excused', rule: 'office' },
  ])('as it was: %j', async (answer) => {
    await current().apply(ALICE, keep({ answer }))
    expect(await answerOf(ALICE)).toEqual(answer)
  })

  test('for this attempt of this name alone, with an account or without', async () => {
    const { apply } = current()
    await apply(ALICE, CREATE, keep())
    await apply(BOB, keep({ attempt: TWO }))
    expect(await answerOf(ALICE, TWO)).toBeUndefined()
    expect(await answerOf(BOB, ONE)).toBeUndefined()
    expect(await answerOf(BOB, TWO)).toEqual(BY_PHONE)
  })

  test('until it expires, by the clock of the store', async () => {
    // The clock goes on by a second with each transaction.
    await current().apply(ALICE, keep({ expiresAt: at(2) }))
    expect(await answerOf(ALICE)).toEqual(BY_PHONE)
    expect(await answerOf(ALICE)).toBeUndefined()
  })

  test('once: a second one is refused, with all that came with it', async () => {
    const { apply, find } = current()
    await apply(ALICE, keep())
    await expect(apply(ALICE, CREATE, keep())).rejects.toMatchObject({ code: 'ERR_STORE_FAILED' })
    expect(await find(ALICE)).toMatchObject({ kind: 'never-known' })
  })

  test('and expired ones of the name go when the next comes', async () => {
    const { apply } = current()
    await apply(ALICE, keep())
    await apply(ALICE, keep({ attempt: TWO, at: at(60), expiresAt: at(65) }))
    expect(await answerOf(ALICE)).toBeUndefined()
    expect(await answerOf(ALICE, TWO)).toEqual(BY_PHONE)
  })

  test('but not where the clock has gone back since: then nobody knows how old it is', async () => {
    await current().apply(ALICE, keep({ at: at(3600), expiresAt: at(3660) }))
    expect(await answerOf(ALICE)).toBeUndefined()
  })

  test('as a charge, with the audit row of its transaction, until there is a yes', async () => {
    const { apply } = current()
    const charge = { kind: 'keep-charge', attempt: ONE, at: at(0), expiresAt: at(60) } as const
    const { audit: row } = await apply(ALICE, CREATE, audit(), charge)
    const charged = { outcome: 'charged', chargedAt: at(0), completes: row?.seq }
    expect(await answerOf(ALICE)).toEqual(charged)
    await apply(ALICE, keep())
    expect(await answerOf(ALICE)).toEqual(BY_PHONE)
  })

  test('and go with the account', async () => {
    const { apply } = current()
    await apply(ALICE, CREATE, keep())
    await apply(ALICE, { kind: 'remove-account' })
    expect(await answerOf(ALICE)).toBeUndefined()
  })
}
