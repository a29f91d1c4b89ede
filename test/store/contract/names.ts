import { expect, test } from 'vitest'
import { at, audit, CREATE, freshAccount, parseName, sampleTicket } from '../sample.ts'
import type { StoreUnderTest } from '../store-under-test.ts'

/** Each with another one that a careless comparison takes for it. */
const NAMES = [
  ["o'brien", 'obrien'],
  ['quote"d', 'quoted'],
  ["'; DROP TABLE account; --", "'"],
  ['two\nlines', 'two lines'],
  ['a%', 'ab'],
  ['a_c', 'abc'],
  ['alice', 'Alice'],
  ['alice', 'alice '],
  ['1000', '1e3'],
  ['zoë', 'zoe\u0308'],
  ['日本', '日'],
  ['\u{1f511}', '\ufffd'],
  ['user@example.org', 'user'],
  ['DOMAIN\\user', 'DOMAINuser'],
  ['x'.repeat(256), 'x'.repeat(255)],
] as const

/** Names are looked up as they are: no two of them mean the same account. */
export function testNames(current: () => StoreUnderTest): void {
  test.each(NAMES)('%j, which is not %j', async (text, alike) => {
    const { apply, find, register, journal } = current()
    const name = parseName(text)
    const ticket = sampleTicket('one')
    await apply(name, CREATE, audit(), { kind: 'put-ticket', ticket, at: at(0) })
    expect(await find(name)).toEqual({ ...freshAccount(name), tickets: [ticket] })
    expect(await find(parseName(alike))).toEqual({ kind: 'never-known', tickets: [] })
    expect(await register.page(undefined, 9)).toMatchObject([{ account: { name: text } }])
    expect(await journal.read({ account: text }, 0, 9)).toMatchObject([{ account: text }])
    expect(await journal.read({ account: alike }, 0, 9)).toEqual([])
  })
}
