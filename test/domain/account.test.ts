import { describe, expect, test } from 'vitest'
import { addSeconds } from '../../src/base/time.ts'
import { accountStatus, countRecoveryCodes, usableDevices } from '../../src/domain/account.ts'
import {
  buildDevice,
  buildKnown,
  buildRecoveryCode,
  NEVER_KNOWN,
  NOW,
} from '../support/account-fixture.ts'

const confirmed = buildDevice({ confirmedAt: NOW })
const unconfirmed = buildDevice({ confirmedAt: undefined })
const atOnce = buildDevice({ confirmedAt: undefined, countsUnconfirmed: true })

describe('the status of an account', () => {
  test('is enrolled with at least one confirmed device', () => {
    expect(accountStatus(undefined, [confirmed], NOW)).toBe('enrolled')
    expect(accountStatus(undefined, [unconfirmed, confirmed], NOW)).toBe('enrolled')
    expect(accountStatus(undefined, [unconfirmed], NOW)).toBe('unconfirmed')
    expect(accountStatus(undefined, [], NOW)).toBe('unconfirmed')
  })

  test('is that of the override first', () => {
    const override = { kind: 'must-enroll', reason: 'lost phone' } as const
    expect(accountStatus(override, [confirmed], NOW)).toBe('must-enroll')
    expect(accountStatus(override, [], NOW)).toBe('must-enroll')
  })
})

describe('an override with a date', () => {
  test.each([
    'waived',
    'invited',
  ] as const)('%s is the status until its date, and none from then on', (kind) => {
    const override = {
      kind,
      reason: undefined,
      since: addSeconds(NOW, -1),
      until: NOW,
      needsCode: false,
    }
    const before = addSeconds(NOW, -1)
    expect(accountStatus(override, [confirmed], before)).toBe(kind)
    expect(accountStatus(override, [confirmed], NOW)).toBe('enrolled')
    expect(accountStatus(override, [], NOW)).toBe('unconfirmed')
  })
})

describe('a device', () => {
  test('proves a login once it is confirmed, or where it counts at once', () => {
    const devices = [unconfirmed, confirmed, atOnce]
    expect(usableDevices(buildKnown({ devices }))).toEqual([confirmed, atOnce])
    expect(usableDevices(NEVER_KNOWN)).toEqual([])
  })
})

test('recovery codes are counted as long as they have a use left', () => {
  const used = buildRecoveryCode({ usesLeft: 0 })
  expect(countRecoveryCodes([])).toBe(0)
  expect(countRecoveryCodes([buildRecoveryCode(), used, buildRecoveryCode()])).toBe(2)
})
