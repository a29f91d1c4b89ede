import { expect, test } from 'vitest'
import type { Change } from '../../../src/domain/change.ts'
import type { OtpAlgorithm, OtpDigits } from '../../../src/domain/device.ts'
import type { OneTimeCode } from '../../../src/domain/one-time-code.ts'
import type { Override } from '../../../src/domain/override.ts'
import {
  ALICE,
  at,
  audit,
  BOB,
  CREATE,
  FRESH_THROTTLES,
  freshAccount,
  sampleButton,
  sampleCode,
  sampleDevice,
  sampleSource,
  sampleTicket,
} from '../sample.ts'
import { REFUSED, type StoreUnderTest } from '../store-under-test.ts'
import { CHANGE_SAMPLES, SPENT, stateAfter } from './change-sample.ts'

/** What bob has all the while: one row of each kind that a change of alice's could meet. */
const HIS: readonly Change[] = [
  CREATE,
  { kind: 'set-override', override: { kind: 'must-enroll', reason: 'his own' } },
  { kind: 'add-device', device: sampleDevice({ id: 'bb'.repeat(16) }) },
  { kind: 'add-one-time-code', code: sampleCode({ id: 'bb'.repeat(16) }) },
  { kind: 'put-source', source: sampleSource() },
  {
    kind: 'put-ticket',
    ticket: sampleTicket('198.51.100.7 50000 192.0.2.1 22'),
    at: at(0),
  },
]

const OVERRIDES: readonly Override[] = [
  { kind: 'must-enroll', reason: undefined },
  { kind: 'suspended', reason: 'left on Friday' },
  { kind: 'waived', reason: 'phone in repair', since: at(2), until: at(86_400) },
  { kind: 'invited', reason: undefined, since: at(0), until: at(7 * 86_400), needsCode: false },
  { kind: 'invited', reason: 'new', since: at(0), until: at(1), needsCode: true },
]

/** Every kind of change is found again as it was meant, and touches nobody else. */
export function testChanges(current: () => StoreUnderTest): void {
  test.each(Object.entries(CHANGE_SAMPLES))('%s', async (_, sample) => {
    const { apply, find, other } = current()
    const { given = [CREATE], change } = sample
    await apply(BOB, ...HIS)
    const his = await find(BOB)
    if (given.length > 0) await apply(ALICE, ...given)
    await apply(ALICE, change)
    const state = stateAfter(sample)
    expect(await find(ALICE)).toEqual(state)
    expect(await other.register.find(ALICE)).toEqual(state)
    expect(await find(BOB)).toEqual(his)
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
    const account = freshAccount(ALICE, { enrolledAt: at(2) })
    expect(await find(ALICE)).toEqual({ ...account, devices: [device] })
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

  test.each([
    'code',
    'oneTimeCode',
    'knownSource',
    'local',
  ] as const)('keeps the budgets apart: %s', async (budget) => {
    const { apply, find } = current()
    await apply(ALICE, CREATE, { kind: 'set-throttle', budget, throttle: SPENT })
    const throttle = { ...FRESH_THROTTLES, [budget]: SPENT }
    expect(await find(ALICE)).toEqual(freshAccount(ALICE, { throttle }))
  })

  test.each(OVERRIDES)('keeps the override $kind as it is, and takes it back', async (override) => {
    const { apply, find } = current()
    await apply(
      ALICE,
      CREATE,
      { kind: 'set-override', override: OVERRIDES.at(-1) },
      { kind: 'set-override', override },
    )
    expect(await find(ALICE)).toEqual(freshAccount(ALICE, { override }))
    await apply(ALICE, { kind: 'set-override', override: undefined })
    expect(await find(ALICE)).toEqual(freshAccount(ALICE))
  })

  test('keeps the newest login where the clock was set back since', async () => {
    const { apply, find } = current()
    const login = (seconds: number): Change => ({ kind: 'record-login', at: at(seconds) })
    await apply(ALICE, CREATE, login(9))
    await apply(ALICE, login(3))
    expect(await find(ALICE)).toEqual(freshAccount(ALICE, { lastLoginAt: at(9) }))
    await apply(ALICE, login(10))
    expect(await find(ALICE)).toEqual(freshAccount(ALICE, { lastLoginAt: at(10) }))
  })

  test('uses up a code that was made by a clock a moment ahead, and one without a date at any time', async () => {
    const { apply, find } = current()
    const dated = sampleCode({ createdAt: at(10), expiresAt: at(20) })
    const plain = sampleCode({ id: 'c2'.repeat(16), selector: 'EFGH', createdAt: at(10_000) })
    const add = (code: OneTimeCode): Change => ({ kind: 'add-one-time-code', code })
    const consume = ({ id: codeId }: OneTimeCode): Change => ({
      kind: 'consume-one-time-code',
      codeId,
      at: at(0),
    })
    await apply(ALICE, CREATE, add(dated), add(plain), consume(dated), consume(plain))
    const used = [{ usesLeft: 0 }, { usesLeft: 0 }]
    expect(await find(ALICE)).toMatchObject({ oneTimeCodes: used })
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

  test('keeps a button, and one phone that is behind', async () => {
    const { apply, find } = current()
    const devices = [
      sampleDevice({ driftSeconds: -60 }),
      sampleButton({ digits: 8, lastAcceptedStep: 0, confirmedAt: at(2) }),
    ]
    const added = devices.map((device) => ({ kind: 'add-device', device }) as const)
    await apply(ALICE, CREATE, ...added)
    const account = freshAccount(ALICE, { enrolledAt: at(2) })
    expect(await find(ALICE)).toEqual({ ...account, devices })
  })

  test('is enrolled since the first device that counted, whatever becomes of it', async () => {
    const { apply, find } = current()
    const [first, second] = [sampleDevice(), sampleButton({ countsUnconfirmed: true })]
    await apply(ALICE, CREATE, { kind: 'add-device', device: first })
    expect(await find(ALICE)).toMatchObject({ account: { enrolledAt: undefined } })
    await apply(ALICE, { kind: 'confirm-device', deviceId: first.id, at: at(4) })
    await apply(
      ALICE,
      { kind: 'add-device', device: second },
      { kind: 'confirm-device', deviceId: second.id, at: at(9) },
      { kind: 'remove-device', deviceId: first.id },
      { kind: 'remove-device', deviceId: second.id },
    )
    expect(await find(ALICE)).toMatchObject({ account: { enrolledAt: at(4) }, devices: [] })
  })

  test('moves the mark of a device anywhere, and a login only forward from there', async () => {
    const { apply, find } = current()
    const device = sampleDevice({ lastAcceptedStep: 59_666_666 })
    const accept = (step: number) =>
      ({ kind: 'accept-step', deviceId: device.id, step, at: at(1) }) as const
    await apply(ALICE, CREATE, { kind: 'add-device', device })
    await expect(apply(ALICE, accept(101))).rejects.toMatchObject(REFUSED)
    await apply(ALICE, { kind: 'move-mark', deviceId: device.id, step: 100 })
    await expect(apply(ALICE, accept(100))).rejects.toMatchObject(REFUSED)
    await apply(ALICE, accept(101))
    expect(await find(ALICE)).toMatchObject({ devices: [{ lastAcceptedStep: 101 }] })
  })

  test('leaves of an account that was removed nothing but the audit', async () => {
    const { apply, find, journal } = current()
    await apply(ALICE, ...HIS, audit())
    await apply(ALICE, { kind: 'remove-account' }, audit({ action: 'remove', outcome: 'done' }))
    await apply(ALICE, CREATE)
    expect(await find(ALICE)).toEqual(freshAccount(ALICE))
    const actions = (await journal.read({ account: ALICE }, 0, 10)).map(({ action }) => action)
    expect(actions).toEqual(['login', 'remove'])
    expect((await journal.verify()).problem).toBeUndefined()
  })
}
