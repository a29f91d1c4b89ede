import { expect, test } from 'vitest'
import type { Change } from '../../../src/domain/change.ts'
import type { Ticket } from '../../../src/domain/ticket.ts'
import { ALICE, at, BOB, CREATE, sampleTicket } from '../sample.ts'
import type { StoreUnderTest } from '../store-under-test.ts'

function put(ticket: Ticket, seconds: number): Change {
  return { kind: 'put-ticket', ticket, at: at(seconds) }
}

/** What the auth phase leaves for the account phase. */
export function testTickets(current: () => StoreUnderTest): void {
  test('for a name that has no account, until they are consumed', async () => {
    const { apply, find } = current()
    const ticket = sampleTicket('one', { method: 'excuse' })
    await apply(ALICE, put(ticket, 0))
    expect(await find(ALICE)).toEqual({ kind: 'never-known', tickets: [ticket] })
    await apply(ALICE, { kind: 'consume-ticket', connection: ticket.connection })
    expect(await find(ALICE)).toEqual({ kind: 'never-known', tickets: [] })
  })

  test('when the account is made after them', async () => {
    const { apply, find } = current()
    await apply(ALICE, put(sampleTicket('one'), 0))
    await apply(ALICE, CREATE)
    expect(await find(ALICE)).toMatchObject({ kind: 'known', tickets: [sampleTicket('one')] })
  })

  test('one for each connection, where the newer takes the place of the older', async () => {
    const { apply, find } = current()
    const again = sampleTicket('one', { method: 'recovery', expiresAt: at(200) })
    await apply(ALICE, put(sampleTicket('one'), 0), put(sampleTicket('two'), 0), put(again, 0))
    const { tickets } = await find(ALICE)
    expect(tickets).toHaveLength(2)
    expect(tickets).toEqual(expect.arrayContaining([again, sampleTicket('two')]))
  })

  test('of one connection apart for each name', async () => {
    const { apply, find } = current()
    const { connection } = sampleTicket('one')
    await apply(ALICE, put(sampleTicket('one'), 0))
    await apply(BOB, put(sampleTicket('one', { method: 'recovery' }), 0))
    await apply(ALICE, { kind: 'consume-ticket', connection })
    expect((await find(ALICE)).tickets).toEqual([])
    expect((await find(BOB)).tickets).toEqual([sampleTicket('one', { method: 'recovery' })])
  })

  test('no longer than they are good for: a new one sweeps the expired ones of its name', async () => {
    const { apply, find } = current()
    const [old, live] = [sampleTicket('old', { expiresAt: at(10) }), sampleTicket('live')]
    await apply(ALICE, put(old, 0), put(live, 0))
    await apply(BOB, put(old, 0))
    await apply(ALICE, put(sampleTicket('new'), 10))
    expect((await find(ALICE)).tickets).not.toContainEqual(old)
    expect((await find(ALICE)).tickets).toContainEqual(live)
    expect((await find(BOB)).tickets).toEqual([old])
  })
}
