import { expect, test } from 'vitest'
import { at, audit, CREATE, freshAccount, parseName, sampleTicket } from '../sample.ts'
import type { StoreUnderTest } from '../store-under-test.ts'

/** Each with another one that a careless comparison takes for it. */
const NAMES = [
  { text: "o'brien", alike: 'obrien' },
  { text: 'quote"d', alike: 'quoted' },
  { text: "'; DROP TABLE account; --", alike: "'" },
  { text: 'two\nlines', alike: 'two lines' },
  { text: 'a%', alike: 'ab' },
  { text: 'a_c', alike: 'abc' },
  { text: 'alice', alike: 'Alice' },
  { text: 'alice', alike: 'alice ' },
  { text: '1000', alike: '1e3' },
  { text: 'zoë', alike: 'zoe\u0308' },
  { text: '日本', alike: '日' },
  { text: '\u{1f511}', alike: '\ufffd' },
  { text: 'user@example.org', alike: 'user' },
  { text: 'DOMAIN\\user', alike: 'DOMAINuser' },
  { text: 'x'.repeat(256), alike: 'x'.repeat(255) },
]

/** Names are looked up as they are: no two of them mean the same account. */
export function testNames(current: () => StoreUnderTest): void {
  test.each(NAMES)('$text, which is not $alike', async ({ text, alike }) => {
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
