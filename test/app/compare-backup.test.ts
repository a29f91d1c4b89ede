import { describe, expect, test } from 'vitest'
import { compareBackup } from '../../src/app/compare-backup.ts'
import type { Register } from '../../src/app/ports.ts'
import type { KnownAccount } from '../../src/domain/account.ts'
import { NOTHING_PAST, type Past } from '../../src/domain/past.ts'
import { ALICE, at, freshAccount, sampleButton, sampleCode, sampleDevice } from '../store/sample.ts'

/** Of one person, or of nobody. */
function registerOf(state?: KnownAccount): Register {
  const summary = (known: KnownAccount) => ({ ...known, recoveryCodesLeft: 0 })
  return {
    find: async () => state ?? { kind: 'never-known', tickets: [] },
    page: async (after) => (state === undefined || after !== undefined ? [] : [summary(state)]),
    findCountedDenials: async () => [],
  }
}

/** All of it can be read. */
function pastOf(state?: KnownAccount): Past {
  if (state === undefined) return NOTHING_PAST
  const { account, devices, oneTimeCodes, sources } = state
  const known = { override: { is: account.override }, throttle: {}, devices, sources }
  return {
    accounts: new Map([[account.name, known]]),
    marks: new Map(devices.map(({ id, lastAcceptedStep }) => [id, lastAcceptedStep ?? -1])),
    usesLeft: new Map(oneTimeCodes.map(({ id, usesLeft }) => [id, usesLeft])),
    unread: [],
  }
}

async function compare(
  saved: KnownAccount | undefined,
  past: Past,
  { isOurs = true, uid = 1000 }: { readonly isOurs?: boolean; readonly uid?: number | 'gone' } = {},
) {
  const findings = await compareBackup({
    saved: registerOf(saved),
    past,
    isOurs,
    uids: new Map(uid === 'gone' ? [] : [[ALICE, uid]]),
    now: at(50),
  })
  return findings.map(({ user: _, ...finding }) => Object.values(finding).join(' '))
}

const BYPASS = sampleCode({ id: 'c3'.repeat(16), kind: 'bypass', expiresAt: at(90) })
const FULL: KnownAccount = {
  ...freshAccount(ALICE),
  devices: [sampleDevice(), sampleButton()],
  oneTimeCodes: [sampleCode(), sampleCode({ id: 'c2'.repeat(16) }), BYPASS],
}
const excused = (until: number) =>
  freshAccount(ALICE, {
    override: { kind: 'waived', reason: undefined, since: at(0), until: at(until) },
  })
const KEPT_OUT = freshAccount(ALICE, { override: { kind: 'suspended', reason: undefined } })
const kindsOf = async (...args: Parameters<typeof compare>) =>
  (await compare(...args)).map((line) => line.split(' ')[0])

describe('a backup compared with the present', () => {
  test('has nothing to say where nothing has changed', async () => {
    expect(await compare(FULL, pastOf(FULL))).toEqual([])
  })

  test('says nothing of a code that is known to be used: it stays used', async () => {
    const used = FULL.oneTimeCodes.map((code) => ({ ...code, usesLeft: 0 }))
    expect(await compare(FULL, pastOf({ ...FULL, oneTimeCodes: used }))).toEqual([])
  })

  test('tells recovery codes that come back from codes of an admin, which do not', async () => {
    expect(await compare(FULL, pastOf({ ...FULL, oneTimeCodes: [] }))).toEqual([
      'codes-back 2',
      'bypass-gone 1',
    ])
  })

  test('says which devices were taken away since, and which are new', async () => {
    const [phone, button] = FULL.devices
    const withOnly = (device: (typeof FULL.devices)[number] | undefined) => ({
      ...FULL,
      devices: FULL.devices.filter((each) => each === device),
    })
    expect(await compare(FULL, pastOf(withOnly(phone)))).toEqual(['device-back button'])
    expect(await compare(withOnly(button), pastOf(FULL))).toEqual(['device-gone phone'])
  })

  test('says who was kept out since, and whose waiver ends on another day', async () => {
    expect(await kindsOf(freshAccount(ALICE), pastOf(KEPT_OUT))).toEqual(['override-back'])
    expect(await kindsOf(excused(80), pastOf(excused(70)))).toEqual(['override-back'])
    expect(await kindsOf(excused(80), pastOf(excused(80)))).toEqual([])
  })

  test('says who comes back, and who goes', async () => {
    expect(await compare(FULL, pastOf())).toEqual(['account-back'])
    expect(await compare(undefined, pastOf(FULL))).toEqual(['account-gone'])
  })

  test('takes every unused code and every counter for used where the present is another one', async () => {
    expect(await compare(FULL, pastOf(), { isOurs: false })).toEqual([
      'codes-back 2',
      'bypass-gone 1',
      'counter-back button',
    ])
    expect(await compare(FULL, pastOf(FULL), { isOurs: false })).toEqual([])
  })

  test('takes a counter that cannot be read for used', async () => {
    const past = { ...pastOf(FULL), marks: new Map() }
    expect(await compare(FULL, past, { isOurs: false })).toEqual(['counter-back button'])
  })

  test('names who is let in without a code where nobody knows whether that still holds', async () => {
    expect(await kindsOf(excused(80), pastOf(), { isOurs: false })).toEqual(['excuse-back'])
    expect(await kindsOf(excused(40), pastOf(), { isOurs: false })).toEqual([])
  })

  test('says whose uid differs, and who is not a user of this host', async () => {
    expect(await compare(FULL, pastOf(FULL), { uid: 2000 })).toEqual(['uid-differs 1000 2000'])
    expect(await compare(FULL, pastOf(FULL), { uid: 'gone' })).toEqual(['orphaned'])
  })
})
