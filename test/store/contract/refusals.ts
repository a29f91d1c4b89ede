import { expect, test } from 'vitest'
import type { Change } from '../../../src/domain/change.ts'
import type { TotpDevice } from '../../../src/domain/device.ts'
import type { SourceKey } from '../../../src/domain/known-source.ts'
import type { AccountName } from '../../../src/domain/name.ts'
import type { OneTimeCode } from '../../../src/domain/one-time-code.ts'
import { FRESH_THROTTLE } from '../../../src/domain/throttle.ts'
import { hashConnection } from '../../../src/domain/ticket.ts'
import {
  ALICE,
  at,
  audit,
  BOB,
  CREATE,
  parseName,
  parseUid,
  sampleButton,
  sampleCode,
  sampleDevice,
  sampleSource,
  sampleTicket,
} from '../sample.ts'
import { REFUSED, type StoreUnderTest } from '../store-under-test.ts'

export const CAROL = parseName('carol')
const DEVICE = sampleDevice({ lastAcceptedStep: 100 })
const BUTTON = sampleButton({ label: 'token' })
const CODE = sampleCode({ expiresAt: at(10) })
const SPENT = sampleCode({ id: 'c2'.repeat(16), selector: 'EFGH', usesLeft: 0 })
const SOURCE = sampleSource()
const CONNECTION = '198.51.100.7 50000 192.0.2.1 22'
/** What alice has in each of these tests; carol has an account and nothing else, bob none at all. */
export const HERS: readonly Change[] = [
  CREATE,
  { kind: 'add-device', device: DEVICE },
  { kind: 'add-device', device: BUTTON },
  { kind: 'put-source', source: SOURCE },
  { kind: 'add-one-time-code', code: CODE },
  { kind: 'add-one-time-code', code: SPENT },
  { kind: 'put-ticket', ticket: sampleTicket(CONNECTION), at: at(0) },
]

/** A change that does not fit, and who wants it. */
export interface Refusal {
  readonly what: string
  readonly name: AccountName
  readonly change: Change
}

const NEW_ID = '77'.repeat(16)

/** Every way in which a change of one row can meet none. */
export const REFUSALS: readonly Refusal[] = [
  { what: 'an account that exists', name: ALICE, change: CREATE },
  { what: 'a step that was accepted before', name: ALICE, change: acceptStep(100) },
  { what: 'a step before the accepted one', name: ALICE, change: acceptStep(99) },
  { what: 'a step of a device that is not there', name: ALICE, change: acceptStep(101, NEW_ID) },
  { what: 'a step of a device of somebody else', name: CAROL, change: acceptStep(101) },
  { what: 'a step for nobody', name: BOB, change: acceptStep(101) },
  {
    what: 'the confirmation of a device of somebody else',
    name: CAROL,
    change: confirm(DEVICE.id),
  },
  { what: 'the confirmation of a device that is not there', name: ALICE, change: confirm(NEW_ID) },
  { what: 'the removal of a device of somebody else', name: CAROL, change: remove(DEVICE.id) },
  { what: 'the removal of a device that is not there', name: ALICE, change: remove(NEW_ID) },
  { what: 'a device whose id is taken', name: ALICE, change: addDevice({ label: 'other' }) },
  { what: 'a device whose id somebody else has', name: CAROL, change: addDevice({}) },
  { what: 'a device whose label is taken', name: ALICE, change: addDevice({ id: NEW_ID }) },
  { what: 'a device for nobody', name: BOB, change: addDevice({ id: NEW_ID }) },
  { what: 'a code that is spent', name: ALICE, change: consumeCode(SPENT.id, 0) },
  { what: 'a code in the second it expires', name: ALICE, change: consumeCode(CODE.id, 10) },
  { what: 'a code long before it was made', name: ALICE, change: consumeCode(CODE.id, -10) },
  { what: 'a code of somebody else', name: CAROL, change: consumeCode(CODE.id, 0) },
  { what: 'a code that is not there', name: ALICE, change: consumeCode(NEW_ID, 0) },
  { what: 'a code whose selector is taken', name: ALICE, change: addCode({ id: NEW_ID }) },
  { what: 'a code whose id somebody else has', name: CAROL, change: addCode({}) },
  { what: 'a code for nobody', name: BOB, change: addCode({ id: NEW_ID }) },
  {
    what: 'a code with less than no uses',
    name: CAROL,
    change: addCode({ id: NEW_ID, usesLeft: -1 }),
  },
  {
    what: 'a ticket of another connection',
    name: ALICE,
    change: consumeTicket('198.51.100.7 50001 192.0.2.1 22'),
  },
  { what: 'a ticket of somebody else', name: CAROL, change: consumeTicket(CONNECTION) },
  { what: 'a ticket for nobody', name: BOB, change: consumeTicket(CONNECTION) },
  { what: 'a uid for nobody', name: BOB, change: { kind: 'set-uid', uid: parseUid(1000) } },
  {
    what: 'an override for nobody',
    name: BOB,
    change: { kind: 'set-override', override: undefined },
  },
  {
    what: 'a throttle for nobody',
    name: BOB,
    change: { kind: 'set-throttle', budget: 'code', throttle: FRESH_THROTTLE },
  },
  { what: 'the removal of nobody', name: BOB, change: { kind: 'remove-account' } },
  { what: 'a mark for a device that is not there', name: ALICE, change: moveMark(NEW_ID) },
  { what: 'a mark for a device of somebody else', name: CAROL, change: moveMark(DEVICE.id) },
  { what: 'drift of a device of somebody else', name: CAROL, change: setDrift(DEVICE.id) },
  { what: 'drift of a button, which has no clock', name: ALICE, change: setDrift(BUTTON.id) },
  { what: 'drift of a device that is not there', name: ALICE, change: setDrift(NEW_ID) },
  { what: 'a new name for a device of somebody else', name: CAROL, change: rename('mine') },
  { what: 'a new name that another device has', name: ALICE, change: rename('token') },
  { what: 'a new seal for a device of somebody else', name: CAROL, change: reseal(DEVICE.id) },
  { what: 'a new seal for a device that is not there', name: ALICE, change: reseal(NEW_ID) },
  {
    what: 'the removal of a code of somebody else',
    name: CAROL,
    change: { kind: 'remove-one-time-code', codeId: CODE.id },
  },
  { what: 'a source for nobody', name: BOB, change: { kind: 'put-source', source: SOURCE } },
  { what: 'the removal of a source of somebody else', name: CAROL, change: removeSource({}) },
  {
    what: 'the removal of a source with another first factor',
    name: ALICE,
    change: removeSource({ firstFactor: 'password' }),
  },
  { what: 'a login for nobody', name: BOB, change: { kind: 'record-login', at: at(1) } },
]

function moveMark(deviceId: string): Change {
  return { kind: 'move-mark', deviceId, step: 1 }
}

function setDrift(deviceId: string): Change {
  return { kind: 'set-drift', deviceId, driftSeconds: 30 }
}

function rename(label: string): Change {
  return { kind: 'rename-device', deviceId: DEVICE.id, label }
}

function reseal(deviceId: string): Change {
  return { kind: 'reseal-device', deviceId, sealedSecret: Buffer.from([7]), keyId: '77777777' }
}

function removeSource(fields: Partial<SourceKey>): Change {
  return { kind: 'remove-source', source: { ...SOURCE, ...fields } }
}

function acceptStep(step: number, deviceId = DEVICE.id): Change {
  return { kind: 'accept-step', deviceId, step, at: at(1) }
}

function addDevice(fields: Partial<TotpDevice>): Change {
  return { kind: 'add-device', device: sampleDevice(fields) }
}

function addCode(fields: Partial<OneTimeCode>): Change {
  return { kind: 'add-one-time-code', code: sampleCode(fields) }
}

function consumeCode(codeId: string, seconds: number): Change {
  return { kind: 'consume-one-time-code', codeId, at: at(seconds) }
}

function consumeTicket(connection: string): Change {
  return { kind: 'consume-ticket', connection: hashConnection(connection) }
}

function confirm(deviceId: string): Change {
  return { kind: 'confirm-device', deviceId, at: at(1) }
}

function remove(deviceId: string): Change {
  return { kind: 'remove-device', deviceId }
}

/** A change of one row that meets none throws, and leaves nothing of its transaction. */
export function testRefusals(current: () => StoreUnderTest): void {
  test.each(REFUSALS)('$what', async ({ name, change }) => {
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
    { what: 'a step', change: acceptStep(101) },
    { what: 'a code with one use', change: consumeCode(CODE.id, 0) },
    { what: 'a ticket', change: consumeTicket(CONNECTION) },
  ])('the second use of $what, in one transaction and in the next', async ({ change }) => {
    const { apply } = current()
    await apply(ALICE, ...HERS)
    await expect(apply(ALICE, change, change)).rejects.toMatchObject(REFUSED)
    await apply(ALICE, change)
    await expect(apply(ALICE, change)).rejects.toMatchObject(REFUSED)
  })
}
