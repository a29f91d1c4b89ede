import { expect, test } from 'vitest'
import { KNOWN_SOURCES, type KnownSource } from '../../../src/domain/known-source.ts'
import { ALICE, at, BOB, CREATE, sampleSource } from '../sample.ts'
import type { StoreUnderTest } from '../store-under-test.ts'

/** The source that was seen `seconds` after the first one. */
function seenAt(seconds: number, fields: Partial<KnownSource> = {}): KnownSource {
  const network = `192.0.2.${seconds}`
  return sampleSource({ network, lastSuccessAt: at(seconds), rememberedAt: at(seconds), ...fields })
}
const put = (source: KnownSource) => ({ kind: 'put-source', source }) as const
const newestFirst = (count: number, last: number) =>
  Array.from({ length: count }, (_, index) => seenAt(last - index))

/** Where somebody has logged in from, as far as it is kept. */
export function testSources(current: () => StoreUnderTest): void {
  test('keeps the newest of each account only, however they come', async () => {
    const { apply, find } = current()
    const many = newestFirst(KNOWN_SOURCES + 5, KNOWN_SOURCES + 5)
    const shuffled = many.toSorted((a, b) => (a.network < b.network ? -1 : 1))
    await apply(BOB, CREATE, put(seenAt(1)))
    await apply(ALICE, CREATE, ...shuffled.map(put))
    expect(await find(ALICE)).toMatchObject({ sources: many.slice(0, KNOWN_SOURCES) })
    expect(await find(BOB)).toMatchObject({ sources: [seenAt(1)] })
  })

  test('takes a source that is seen again for the newest, and forgets no other for it', async () => {
    const { apply, find } = current()
    const full = newestFirst(KNOWN_SOURCES, KNOWN_SOURCES)
    await apply(ALICE, CREATE, ...full.map(put))
    const again = seenAt(1, { lastSuccessAt: at(99), rememberedAt: at(99) })
    await apply(ALICE, put(again))
    expect(await find(ALICE)).toMatchObject({ sources: [again, ...full.slice(0, -1)] })
  })

  test('keeps one address apart by first factor', async () => {
    const { apply, find } = current()
    const byKey = seenAt(2)
    const byPassword = seenAt(2, { firstFactor: 'password', lastSuccessAt: at(1) })
    await apply(ALICE, CREATE, put(byKey), put(byPassword))
    expect(await find(ALICE)).toMatchObject({ sources: [byKey, byPassword] })
    await apply(ALICE, { kind: 'remove-source', source: byKey })
    expect(await find(ALICE)).toMatchObject({ sources: [byPassword] })
  })

  test('remembers a source again once a code came from there after it was revoked', async () => {
    const { apply, find } = current()
    await apply(ALICE, CREATE, put(seenAt(2)), { kind: 'unremember-sources' })
    const revoked = { ...seenAt(2), rememberedAt: undefined }
    expect(await find(ALICE)).toMatchObject({ sources: [revoked] })
    await apply(ALICE, put(seenAt(2, { rememberedAt: at(7) })))
    expect(await find(ALICE)).toMatchObject({ sources: [{ ...revoked, rememberedAt: at(7) }] })
  })

  test('takes it well where there is none to forget', async () => {
    const { apply, find } = current()
    await apply(ALICE, CREATE, { kind: 'remove-sources' }, { kind: 'unremember-sources' })
    expect(await find(ALICE)).toMatchObject({ sources: [] })
  })
}
