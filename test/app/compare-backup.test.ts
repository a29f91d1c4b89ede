import { describe, expect, test } from 'vitest'
import { compareBackup } from '../../src/app/compare-backup.ts'
import type { Register } from '../../src/app/ports.ts'
import type { KnownAccount } from '../../src/domain/account.ts'
import {
  ALICE,
  at,
  freshAccount,
  parseUid,
  sampleButton,
  sampleCode,
  sampleDevice,
} from '../store/sample.ts'

/** Of one person, or of nobody. */
function registerOf(state?: KnownAccount): Register {
  const summary = (known: KnownAccount) => ({ ...known, recoveryCodesLeft: 0 })
  return {
    find: async () => state ?? { kind: 'never-known', tickets: [] },
    page: async (after) => (state === undefined || after !== undefined ? [] : [summary(state)]),
    findCountedDenials: async () => [],
  }
}

async function compare(
  saved?: KnownAccount,
  present?: KnownAccount | 'none',
  uid?: number | 'gone',
) {
  const entry = { name: ALICE, uid: parseUid(typeof uid === 'number' ? uid : 1000) }
  const findings = await compareBackup({
    saved: registerOf(saved),
    present: present === 'none' ? undefined : registerOf(present),
    passwd: { findByName: () => (uid === 'gone' ? undefined : entry) },
    now: at(50),
  })
  return findings.map(({ kind, detail }) => `${kind} ${detail}`.trim())
}

const FULL: KnownAccount = {
  ...freshAccount(ALICE),
  devices: [sampleDevice(), sampleButton()],
  oneTimeCodes: [sampleCode(), sampleCode({ id: 'c2'.repeat(16) })],
}
const KEPT_OUT = freshAccount(ALICE, { override: { kind: 'suspended', reason: undefined } })

describe('a backup compared with the present', () => {
  test('has nothing to say where nothing has changed', async () => {
    expect(await compare(FULL, FULL)).toEqual([])
  })

  test('says nothing of a code that is known to be used: it stays used', async () => {
    const used = FULL.oneTimeCodes.map((code) => ({ ...code, usesLeft: 0 }))
    expect(await compare(FULL, { ...FULL, oneTimeCodes: used })).toEqual([])
  })

  test('says which codes and devices were taken away since', async () => {
    const [phone] = FULL.devices
    const present = { ...FULL, devices: FULL.devices.filter((each) => each === phone) }
    expect(await compare(FULL, { ...present, oneTimeCodes: [] })).toEqual([
      'codes-back 2',
      'device-back button',
    ])
  })

  test('says who was kept out since', async () => {
    expect(await compare(freshAccount(ALICE), KEPT_OUT)).toEqual([
      'override-back suspended now, nothing in the backup',
    ])
  })

  test('says who comes back, and who goes', async () => {
    expect(await compare(FULL)).toEqual(['account-back'])
    expect(await compare(undefined, FULL)).toEqual(['account-gone'])
  })

  test('takes every unused code and every counter for used where nothing is known', async () => {
    expect(await compare(FULL, 'none')).toEqual(['codes-back 2', 'counter-back button'])
  })

  test('says whose uid differs, and who is not a user of this host', async () => {
    expect(await compare(FULL, FULL, 2000)).toEqual(['uid-differs uid 1000, now uid 2000'])
    expect(await compare(FULL, FULL, 'gone')).toEqual(['orphaned'])
  })
})
