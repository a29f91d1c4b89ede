import { expect, test } from 'vitest'
import type { Change } from '../../../src/domain/change.ts'
import { FRESH_THROTTLE } from '../../../src/domain/throttle.ts'
import { hashConnection } from '../../../src/domain/ticket.ts'
import {
  ALICE,
  at,
  audit,
  BOB,
  CREATE,
  parseName,
  sampleCode,
  sampleDevice,
  sampleTicket,
} from '../sample.ts'
import { REFUSED, type StoreUnderTest } from '../store-under-test.ts'

const CAROL = parseName('carol')
const DEVICE = sampleDevice({ lastAcceptedStep: 100 })
const CODE = sampleCode({ expiresAt: at(10) })
const SPENT = sampleCode({ id: 'c2'.repeat(16), selector: 'EFGH', usesLeft: 0 })
const CONNECTION = '198.51.100.7 50000 192.0.2.1 22'
/** What alice has in each of these tests; carol has an account and nothing else, bob none at all. */
const HERS: readonly Change[] = [
  CREATE,
  { kind: 'add-device', device: DEVICE },
  { kind: 'add-one-time-code', code: CODE },
  { kind: 'add-one-time-code', code: SPENT },
  { kind: 'put-ticket', ticket: sampleTicket(CONNECTION), at: at(0) },
]

const acceptStep = (step: number): Change => ({
  kind: 'accept-step',
  deviceId: DEVICE.id,
  step,
  at: at(1),
})
const consumeCode = (codeId: string, seconds: number): Change => ({
  kind: 'consume-one-time-code',
  codeId,
  at: at(seconds),
})
const consumeTicket = (connection: string): Change => ({
  kind: 'consume-ticket',
  connection: hashConnection(connection),
})
const addDevice = (fields: Parameters<typeof sampleDevice>[0]): Change => ({
  kind: 'add-device',
  device: sampleDevice(fields),
})
const addCode = (fields: Parameters<typeof sampleCode>[0]): Change => ({
  kind: 'add-one-time-code',
  code: sampleCode(fields),
})
const NEW_ID = '77'.repeat(16)

const REFUSALS: readonly (readonly [string, typeof ALICE, Change])[] = [
  ['an account that exists', ALICE, CREATE],
  ['a step that was accepted before', ALICE, acceptStep(100)],
  ['a step before the accepted one', ALICE, acceptStep(99)],
  [
    'a step of a device that is not there',
    ALICE,
    { ...acceptStep(101), deviceId: NEW_ID } as const,
  ],
  ['a step of a device of somebody else', CAROL, acceptStep(101)],
  ['a step for nobody', BOB, acceptStep(101)],
  ['the confirmation of a device of somebody else', CAROL, confirm(DEVICE.id)],
  ['the confirmation of a device that is not there', ALICE, confirm(NEW_ID)],
  ['the removal of a device of somebody else', CAROL, remove(DEVICE.id)],
  ['the removal of a device that is not there', ALICE, remove(NEW_ID)],
  ['a device whose id is taken', ALICE, addDevice({ label: 'other' })],
  ['a device whose id somebody else has', CAROL, addDevice({})],
  ['a device whose label is taken', ALICE, addDevice({ id: NEW_ID })],
  ['a device for nobody', BOB, addDevice({ id: NEW_ID })],
  ['a code that is spent', ALICE, consumeCode(SPENT.id, 0)],
  ['a code in the second it expires', ALICE, consumeCode(CODE.id, 10)],
  ['a code of somebody else', CAROL, consumeCode(CODE.id, 0)],
  ['a code that is not there', ALICE, consumeCode(NEW_ID, 0)],
  ['a code whose selector is taken', ALICE, addCode({ id: NEW_ID })],
  ['a code whose id somebody else has', CAROL, addCode({})],
  ['a code for nobody', BOB, addCode({ id: NEW_ID })],
  ['a code with less than no uses', CAROL, addCode({ id: NEW_ID, usesLeft: -1 })],
  ['a ticket of another connection', ALICE, consumeTicket('198.51.100.7 50001 192.0.2.1 22')],
  ['a ticket of somebody else', CAROL, consumeTicket(CONNECTION)],
  ['a ticket for nobody', BOB, consumeTicket(CONNECTION)],
  ['a uid for nobody', BOB, { kind: 'set-uid', uid: 1000 } as Change],
  ['an override for nobody', BOB, { kind: 'set-override', override: undefined }],
  [
    'a throttle for nobody',
    BOB,
    { kind: 'set-throttle', budget: 'code', throttle: FRESH_THROTTLE },
  ],
  ['a login for nobody', BOB, { kind: 'record-login', at: at(1) }],
]

function confirm(deviceId: string): Change {
  return { kind: 'confirm-device', deviceId, at: at(1) }
}

function remove(deviceId: string): Change {
  return { kind: 'remove-device', deviceId }
}

/** A change of one row that meets none throws, and leaves nothing of its transaction. */
export function testRefusals(current: () => StoreUnderTest): void {
  test.each(REFUSALS)('%s', async (_, name, change) => {
    const { apply, find, journal } = current()
    await apply(ALICE, ...HERS)
    await apply(CAROL, CREATE)
    const people = [ALICE, BOB, CAROL]
    const before = await Promise.all(people.map(find))
    const ticket = sampleTicket('another')
    const others: readonly Change[] = [audit(), { kind: 'put-ticket', ticket, at: at(0) }]
    await expect(apply(name, ...others, change, audit())).rejects.toMatchObject(REFUSED)
    expect(await Promise.all(people.map(find))).toEqual(before)
    expect(await journal.read({}, 0, 10)).toEqual([])
  })

  test.each([
    ['a step', acceptStep(101)],
    ['a code with one use', consumeCode(CODE.id, 0)],
    ['a ticket', consumeTicket(CONNECTION)],
  ])('the second use of %s, in one transaction and in the next', async (_, change) => {
    const { apply } = current()
    await apply(ALICE, ...HERS)
    await expect(apply(ALICE, change, change)).rejects.toMatchObject(REFUSED)
    await apply(ALICE, change)
    await expect(apply(ALICE, change)).rejects.toMatchObject(REFUSED)
  })
}
