import { expect, test } from 'vitest'
import type { Account, KnownAccount } from '../../../src/domain/account.ts'
import type { Change } from '../../../src/domain/change.ts'
import type { OtpAlgorithm, OtpDigits } from '../../../src/domain/device.ts'
import { FRESH_THROTTLE, type ThrottleState } from '../../../src/domain/throttle.ts'
import { hashConnection } from '../../../src/domain/ticket.ts'
import {
  ALICE,
  at,
  audit,
  BOB,
  CREATE,
  freshAccount,
  parseUid,
  sampleCode,
  sampleDevice,
  sampleEvent,
  sampleTicket,
} from '../sample.ts'
import type { StoreUnderTest } from '../store-under-test.ts'

/** A change, what has to be there before it, and what it makes of a fresh account. */
interface Sample {
  readonly given?: readonly Change[]
  readonly change: Change
  readonly account?: Partial<Account>
  readonly rest?: Partial<Omit<KnownAccount, 'kind' | 'account'>>
}

const DEVICE = sampleDevice({ countsUnconfirmed: true })
const CODE = sampleCode({ usesLeft: 2, expiresAt: at(1000) })
const TICKET = sampleTicket('198.51.100.7 50000 192.0.2.1 22')
const HAS_DEVICE: readonly Change[] = [CREATE, { kind: 'add-device', device: DEVICE }]
const HAS_CODE: readonly Change[] = [CREATE, { kind: 'add-one-time-code', code: CODE }]
const HAS_TICKET: readonly Change[] = [CREATE, { kind: 'put-ticket', ticket: TICKET, at: at(0) }]
const SPENT: ThrottleState = {
  consecutiveFailures: 7,
  recentFailures: [at(1), at(1), at(5)],
  wait: { from: at(5), until: at(65) },
}

/** Complete by its type: a new kind of change does not compile before it has a sample. */
const SAMPLES: Readonly<Record<Change['kind'], Sample>> = {
  'create-account': {
    given: [],
    change: { kind: 'create-account', uid: parseUid(4_294_967_294), at: at(9) },
    account: { uid: parseUid(4_294_967_294), createdAt: at(9) },
  },
  'set-uid': {
    change: { kind: 'set-uid', uid: parseUid(0) },
    account: { uid: parseUid(0) },
  },
  'set-override': {
    change: { kind: 'set-override', override: { kind: 'must-enroll', reason: 'lost phone' } },
    account: { override: { kind: 'must-enroll', reason: 'lost phone' } },
  },
  'set-throttle': {
    change: { kind: 'set-throttle', budget: 'code', throttle: SPENT },
    account: { throttle: { code: SPENT, oneTimeCode: FRESH_THROTTLE } },
  },
  'record-login': {
    change: { kind: 'record-login', at: at(3) },
    account: { lastLoginAt: at(3) },
  },
  'add-device': {
    change: { kind: 'add-device', device: sampleDevice() },
    rest: { devices: [sampleDevice()] },
  },
  'confirm-device': {
    given: HAS_DEVICE,
    change: { kind: 'confirm-device', deviceId: DEVICE.id, at: at(4) },
    rest: { devices: [{ ...DEVICE, confirmedAt: at(4), countsUnconfirmed: false }] },
  },
  'accept-step': {
    given: HAS_DEVICE,
    change: { kind: 'accept-step', deviceId: DEVICE.id, step: 0, at: at(4) },
    rest: { devices: [{ ...DEVICE, lastAcceptedStep: 0, lastUsedAt: at(4) }] },
  },
  'remove-device': {
    given: HAS_DEVICE,
    change: { kind: 'remove-device', deviceId: DEVICE.id },
  },
  'add-one-time-code': {
    change: { kind: 'add-one-time-code', code: CODE },
    rest: { oneTimeCodes: [CODE] },
  },
  'consume-one-time-code': {
    given: HAS_CODE,
    change: { kind: 'consume-one-time-code', codeId: CODE.id, at: at(999) },
    rest: { oneTimeCodes: [{ ...CODE, usesLeft: 1, lastUsedAt: at(999) }] },
  },
  'remove-one-time-codes': {
    given: HAS_CODE,
    change: { kind: 'remove-one-time-codes', of: 'recovery' },
  },
  'put-ticket': {
    change: { kind: 'put-ticket', ticket: TICKET, at: at(0) },
    rest: { tickets: [TICKET] },
  },
  'consume-ticket': {
    given: HAS_TICKET,
    change: {
      kind: 'consume-ticket',
      connection: hashConnection('198.51.100.7 50000 192.0.2.1 22'),
    },
  },
  'append-audit': { change: audit() },
  'count-denial': {
    change: { kind: 'count-denial', event: { ...sampleEvent(), reason: 'throttled' } },
  },
}

/** Every kind of change is found again as it was meant, and touches nobody else. */
export function testChanges(current: () => StoreUnderTest): void {
  test.each(Object.entries(SAMPLES))('%s', async (_, { given = [CREATE], change, ...wanted }) => {
    const { apply, find, other } = current()
    await apply(BOB, CREATE)
    if (given.length > 0) await apply(ALICE, ...given)
    await apply(ALICE, change)
    const state = { ...freshAccount(ALICE, wanted.account), ...wanted.rest }
    expect(await find(ALICE)).toEqual(state)
    expect(await other.register.find(ALICE)).toEqual(state)
    expect(await find(BOB)).toEqual(freshAccount(BOB))
  })

  test('keeps a device with every field filled', async () => {
    const { apply, find } = current()
    const device = sampleDevice({
      algorithm: 'SHA512',
      digits: 8,
      periodSeconds: 120,
      lastAcceptedStep: 59_666_666,
      confirmedAt: at(2),
      lastUsedAt: at(3),
    })
    await apply(ALICE, CREATE, { kind: 'add-device', device })
    expect(await find(ALICE)).toEqual({ ...freshAccount(ALICE), devices: [device] })
  })

  test.each<{ algorithm: OtpAlgorithm; digits: OtpDigits }>([
    { algorithm: 'SHA1', digits: 6 },
    { algorithm: 'SHA256', digits: 7 },
    { algorithm: 'SHA512', digits: 8 },
  ])('keeps a device with $algorithm and $digits digits', async (parameters) => {
    const { apply, find } = current()
    const device = sampleDevice(parameters)
    await apply(ALICE, CREATE, { kind: 'add-device', device })
    expect(await find(ALICE)).toMatchObject({ devices: [parameters] })
  })

  test('keeps the two budgets apart', async () => {
    const { apply, find } = current()
    await apply(ALICE, CREATE, { kind: 'set-throttle', budget: 'oneTimeCode', throttle: SPENT })
    const throttle = { code: FRESH_THROTTLE, oneTimeCode: SPENT }
    expect(await find(ALICE)).toEqual(freshAccount(ALICE, { throttle }))
  })

  test('keeps an override without a reason, and takes one back', async () => {
    const { apply, find } = current()
    const override = { kind: 'must-enroll', reason: undefined } as const
    await apply(ALICE, CREATE, { kind: 'set-override', override })
    expect(await find(ALICE)).toEqual(freshAccount(ALICE, { override }))
    await apply(ALICE, { kind: 'set-override', override: undefined })
    expect(await find(ALICE)).toEqual(freshAccount(ALICE))
  })

  test('lists devices from the oldest to the newest, under one label for each of two accounts', async () => {
    const { apply, find } = current()
    const older = sampleDevice({ id: 'ff'.repeat(16), label: 'old', createdAt: at(1) })
    const newer = sampleDevice({ id: '00'.repeat(16), label: 'new', createdAt: at(2) })
    const his = sampleDevice({ id: 'bb'.repeat(16), label: 'old' })
    await apply(BOB, CREATE, { kind: 'add-device', device: his })
    await apply(
      ALICE,
      CREATE,
      { kind: 'add-device', device: newer },
      { kind: 'add-device', device: older },
    )
    expect(await find(ALICE)).toMatchObject({ devices: [older, newer] })
    expect(await find(BOB)).toMatchObject({ devices: [his] })
  })

  test('removes the one-time codes of one account only, and takes it well where there are none', async () => {
    const { apply, find } = current()
    const his = sampleCode({ id: 'bb'.repeat(16) })
    await apply(BOB, CREATE, { kind: 'add-one-time-code', code: his })
    await apply(ALICE, CREATE, { kind: 'remove-one-time-codes', of: 'recovery' })
    expect(await find(BOB)).toMatchObject({ oneTimeCodes: [his] })
  })
}
