import { describe, expect, test } from 'vitest'
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
    expect(accountStatus(undefined, [confirmed])).toBe('enrolled')
    expect(accountStatus(undefined, [unconfirmed, confirmed])).toBe('enrolled')
    expect(accountStatus(undefined, [unconfirmed])).toBe('unconfirmed')
    expect(accountStatus(undefined, [])).toBe('unconfirmed')
  })

  test('is that of the override first', () => {
    const override = { kind: 'must-enroll', reason: 'lost phone' } as const
    expect(accountStatus(override, [confirmed])).toBe('must-enroll')
    expect(accountStatus(override, [])).toBe('must-enroll')
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
