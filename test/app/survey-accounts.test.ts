import { describe, expect, test } from 'vitest'
import { SOON_SECONDS, surveyAccounts } from '../../src/app/survey-accounts.ts'
import { addSeconds } from '../../src/base/time.ts'
import type { Account } from '../../src/domain/account.ts'
import type { OneTimeCode } from '../../src/domain/one-time-code.ts'
import { FRESH_THROTTLE, type ThrottlePolicy } from '../../src/domain/throttle.ts'
import {
  buildAccount,
  buildDevice,
  buildKnown,
  buildRecoveryCode,
  NOW,
  toAccountName,
} from '../support/account-fixture.ts'
import { createMemoryStore } from '../support/memory-store.ts'

const POLICY: ThrottlePolicy = {
  freeFailures: 5,
  firstWaitSeconds: 30,
  longestWaitSeconds: 3600,
  failuresPerDay: 20,
  lockAfter: 100,
}
const WAITING = {
  ...FRESH_THROTTLE,
  consecutiveFailures: 6,
  wait: { from: NOW, until: addSeconds(NOW, 30) },
}
const LOCKED = { ...FRESH_THROTTLE, consecutiveFailures: 100 }
const { throttle: FRESH } = buildAccount()

/** A survey of people with these accounts; `codes`: the recovery codes of the one at that place. */
function survey(
  accounts: readonly Partial<Account>[],
  codes: readonly (readonly OneTimeCode[])[] = [],
) {
  const memory = createMemoryStore(() => NOW)
  for (const [index, fields] of accounts.entries()) {
    // In the order of the names, as a store hands them out.
    const name = toAccountName(`user${String(index).padStart(4, '0')}`)
    const account = buildAccount({ name, ...fields })
    memory.write(name, buildKnown({ account, oneTimeCodes: codes[index] ?? [] }))
  }
  return surveyAccounts(memory.register, POLICY, NOW)
}

function term(kind: 'invited' | 'waived', seconds: number): Partial<Account> {
  const common = { since: NOW, until: addSeconds(NOW, seconds), reason: undefined }
  return {
    override: kind === 'waived' ? { kind, ...common } : { kind, ...common, needsCode: false },
  }
}

describe('the survey of accounts', () => {
  test('counts people by what they are now, and nobody twice', async () => {
    const { statuses } = await survey([
      {},
      {},
      term('invited', 60),
      term('waived', 0),
      { override: { kind: 'suspended', reason: undefined } },
      { override: { kind: 'must-enroll', reason: undefined } },
    ])
    expect(statuses).toEqual({
      enrolled: 3,
      unconfirmed: 0,
      invited: 1,
      waived: 0,
      suspended: 1,
      'must-enroll': 1,
    })
  })

  test('goes through more people than one page holds', async () => {
    const { statuses } = await survey(Array.from({ length: 1203 }, () => ({})))
    expect(statuses.enrolled).toBe(1203)
  })

  test('tells who waits from who is locked, in whichever budget', async () => {
    const { waiting, locked } = await survey([
      {},
      { throttle: { ...FRESH, code: WAITING } },
      { throttle: { ...FRESH, oneTimeCode: WAITING } },
      { throttle: { ...FRESH, code: WAITING, oneTimeCode: LOCKED } },
      { throttle: { ...FRESH, local: WAITING } },
      { throttle: { ...FRESH, local: LOCKED } },
      { throttle: { ...FRESH, knownSource: { ...LOCKED, consecutiveFailures: 10 } } },
    ])
    expect({ waiting, locked }).toEqual({ waiting: 3, locked: 3 })
  })

  test('counts those with fewer than three recovery codes that are unused', async () => {
    const code = (usesLeft: number) => buildRecoveryCode({ usesLeft })
    const three = [code(1), code(1), code(1)]
    const { fewRecoveryCodes } = await survey(
      [{}, {}, {}],
      [three, [code(1), code(1), code(0)], []],
    )
    expect(fewRecoveryCodes).toBe(2)
  })

  test('names the terms that end soon, the next first, and none that is over', async () => {
    const { endingSoon } = await survey([
      term('waived', SOON_SECONDS),
      term('invited', SOON_SECONDS + 1),
      term('invited', 60),
      term('invited', 0),
    ])
    expect(endingSoon).toEqual([
      { name: 'user0002', kind: 'invited', until: addSeconds(NOW, 60) },
      { name: 'user0000', kind: 'waived', until: addSeconds(NOW, SOON_SECONDS) },
    ])
  })

  test('counts a device that was never confirmed as none', async () => {
    const memory = createMemoryStore(() => NOW)
    const name = toAccountName('bob')
    const devices = [buildDevice({ confirmedAt: undefined })]
    memory.write(name, buildKnown({ account: buildAccount({ name }), devices }))
    const { statuses } = await surveyAccounts(memory.register, POLICY, NOW)
    expect(statuses).toMatchObject({ enrolled: 0, unconfirmed: 1 })
  })
})
