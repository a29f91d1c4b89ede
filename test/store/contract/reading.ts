import { expect, test } from 'vitest'
import type { AuditFilter } from '../../../src/app/ports.ts'
import {
  ALICE,
  at,
  audit,
  BOB,
  CREATE,
  freshAccount,
  parseName,
  sampleCode,
  sampleDevice,
} from '../sample.ts'
import type { StoreUnderTest } from '../store-under-test.ts'

/** By bytes. U+FF5E comes before U+1F511 in UTF-8, and after it in JavaScript's own order. */
const IN_ORDER = ['-', '0', 'Zed', 'alice', 'alice2', 'bob', 'zoë', '日本', '\uff5e', '\u{1f511}']

interface FilterCase {
  readonly by: string
  readonly filter: AuditFilter
  /** `seq` of the rows. */
  readonly wanted: readonly number[]
}

const FILTERS: readonly FilterCase[] = [
  { by: 'nothing', filter: {}, wanted: [1, 2, 3, 4] },
  { by: 'an account', filter: { account: 'alice' }, wanted: [1, 2, 4] },
  { by: 'an account nobody has', filter: { account: 'carol' }, wanted: [] },
  { by: 'a time, which it includes', filter: { since: at(20) }, wanted: [2, 3] },
  { by: 'logins without a code', filter: { withoutCode: true }, wanted: [2, 3] },
  { by: 'a wish for all logins', filter: { withoutCode: false }, wanted: [1, 2, 3, 4] },
  {
    by: 'everything at once',
    filter: { account: 'alice', since: at(20), withoutCode: true },
    wanted: [2],
  },
]

/** Lists of accounts and of audit rows. */
export function testReading(current: () => StoreUnderTest): void {
  test('page by page in byte order of the names, up to an empty page', async () => {
    const { apply, register } = current()
    for (const [index, name] of IN_ORDER.toReversed().entries()) {
      await apply(parseName(name), { ...CREATE, at: at(index) })
    }
    const names: string[] = []
    let page = await register.page(undefined, 3)
    while (page.length > 0 && names.length < IN_ORDER.length) {
      expect(page.length).toBeLessThanOrEqual(3)
      names.push(...page.map(({ account }) => account.name))
      page = await register.page(page.at(-1)?.account.name, 3)
    }
    expect(page).toEqual([])
    expect(names).toEqual(IN_ORDER)
  })

  test('from a name that is gone, or never was', async () => {
    const { apply, register } = current()
    await apply(ALICE, CREATE)
    await apply(BOB, CREATE)
    expect(await register.page(parseName('alicf'), 9)).toMatchObject([{ account: { name: 'bob' } }])
    expect(await register.page(BOB, 9)).toEqual([])
  })

  test('with what a list shows of each account', async () => {
    const { apply, register } = current()
    const device = sampleDevice({ confirmedAt: at(1), lastUsedAt: at(2) })
    await apply(BOB, CREATE)
    await apply(
      ALICE,
      CREATE,
      { kind: 'add-device', device },
      { kind: 'add-one-time-code', code: sampleCode() },
      { kind: 'add-one-time-code', code: sampleCode({ id: 'c2', selector: 'EFGH', usesLeft: 0 }) },
    )
    const { confirmedAt, lastUsedAt } = device
    expect(await register.page(undefined, 9)).toMatchObject([
      {
        account: freshAccount(ALICE, { enrolledAt: confirmedAt }).account,
        devices: [{ confirmedAt, lastUsedAt }],
        recoveryCodesLeft: 1,
      },
      { account: freshAccount(BOB).account, devices: [], recoveryCodesLeft: 0 },
    ])
  })

  test.each(FILTERS)('in audit rows chosen by $by', async ({ filter, wanted }) => {
    const { apply, journal } = current()
    await apply(ALICE, audit({ at: at(10) }))
    await apply(ALICE, audit({ at: at(20), outcome: 'excused' }))
    await apply(BOB, audit({ at: at(30), outcome: 'excused' }))
    await apply(ALICE, audit({ at: at(5), outcome: 'denied' }))
    const rows = await journal.read(filter, 0, 10)
    expect(rows.map(({ seq }) => seq)).toEqual(wanted)
  })

  test('in audit rows after a place, and so many at once', async () => {
    const { apply, journal } = current()
    await apply(ALICE, audit(), audit(), audit(), audit())
    const seqs = async (after: number, limit: number) =>
      (await journal.read({}, after, limit)).map(({ seq }) => seq)
    expect(await seqs(0, 2)).toEqual([1, 2])
    expect(await seqs(2, 2)).toEqual([3, 4])
    expect(await seqs(4, 2)).toEqual([])
  })
}
