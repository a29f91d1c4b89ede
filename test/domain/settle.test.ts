import { describe, expect, test } from 'vitest'
import { addSeconds, DAY_SECONDS } from '../../src/base/time.ts'
import { type AccountState, BUDGETS } from '../../src/domain/account.ts'
import { type SettleInput, settle } from '../../src/domain/settle.ts'
import { chargeThrottle, FRESH_THROTTLE } from '../../src/domain/throttle.ts'
import {
  buildAccount,
  buildKnown,
  buildRecoveryCode,
  NEVER_KNOWN,
  NOW,
  toUid,
} from '../support/account-fixture.ts'
import { buildFacts, buildPolicy, THROTTLE } from '../support/login-fixture.ts'

const CHARGED = chargeThrottle(FRESH_THROTTLE, THROTTLE, NOW)
const LATER = addSeconds(NOW, 1)
const code = buildRecoveryCode({ id: 'c1' })
const other = buildRecoveryCode({ id: 'c2', selector: 'SEL1' })
const charged = buildAccount({
  throttle: { ...buildAccount().throttle, oneTimeCode: CHARGED },
})
const state = buildKnown({ account: charged, oneTimeCodes: [code, other] })

const SU = buildFacts({
  ...{ service: 'su', isSsh: false },
  ...{ address: undefined, connection: undefined, firstFactor: undefined },
})

function run(on: AccountState, fields: Partial<SettleInput> = {}) {
  return settle(on, {
    facts: buildFacts(),
    policy: buildPolicy(),
    now: LATER,
    provenCodeId: 'c1',
    chargedAt: NOW,
    completes: 7,
    ...fields,
  })
}

describe('a proven recovery code', () => {
  test('is used up, takes its charge back, leaves a ticket and finishes its record', () => {
    const { result, changes } = run(state)
    expect(result).toEqual({ outcome: 'accepted', method: 'recovery', recoveryCodesLeft: 1 })
    expect(changes).toEqual([
      { kind: 'consume-one-time-code', codeId: 'c1', at: LATER },
      ...BUDGETS.map((budget) => ({ kind: 'set-throttle', budget, throttle: FRESH_THROTTLE })),
      { kind: 'record-login', at: LATER },
      expect.objectContaining({ kind: 'put-source' }),
      expect.objectContaining({ kind: 'put-ticket', at: LATER }),
      {
        kind: 'append-audit',
        event: expect.objectContaining({ outcome: 'accepted', method: 'recovery', completes: 7 }),
      },
    ])
  })

  test('takes its charge back where the clock was set back while the hash was computed', () => {
    const { changes } = run(state, { now: addSeconds(NOW, -1) })
    expect(changes).toContainEqual({
      kind: 'set-throttle',
      budget: 'oneTimeCode',
      throttle: FRESH_THROTTLE,
    })
  })

  test('ends a lock on codes, but not the wait of a full day', () => {
    const day = Array.from({ length: 20 }, () => NOW)
    const locked = { consecutiveFailures: 100, recentFailures: day, wait: undefined }
    const account = buildAccount({
      throttle: { ...buildAccount().throttle, code: locked, oneTimeCode: CHARGED },
    })
    const { changes } = run(buildKnown({ account, oneTimeCodes: [code] }))
    expect(changes).toContainEqual({
      kind: 'set-throttle',
      budget: 'code',
      throttle: {
        consecutiveFailures: 0,
        recentFailures: day,
        wait: { from: LATER, until: addSeconds(NOW, DAY_SECONDS) },
      },
    })
  })

  test('leaves no wait of another budget that begins after a clock that was set back', () => {
    const ahead = Array.from({ length: 20 }, () => addSeconds(NOW, DAY_SECONDS))
    const full = { consecutiveFailures: 20, recentFailures: ahead, wait: undefined }
    const account = buildAccount({ throttle: { ...charged.throttle, code: full } })
    const { changes } = run(buildKnown({ account, oneTimeCodes: [code] }))
    expect(changes).toContainEqual({
      kind: 'set-throttle',
      budget: 'code',
      throttle: {
        consecutiveFailures: 0,
        recentFailures: ahead.map(() => LATER),
        wait: { from: LATER, until: addSeconds(LATER, DAY_SECONDS) },
      },
    })
  })

  test.each([
    { where: 'over SSH', facts: buildFacts(), budget: 'oneTimeCode' },
    { where: 'at su', facts: SU, budget: 'local' },
  ] as const)('takes back $where what was charged there', ({ facts, budget }) => {
    const other = { ...CHARGED, consecutiveFailures: 3 }
    const throttle = { ...charged.throttle, oneTimeCode: other, local: other, [budget]: CHARGED }
    const { changes } = run(
      buildKnown({ account: buildAccount({ throttle }), oneTimeCodes: [code] }),
      { facts },
    )
    const kept = { ...FRESH_THROTTLE, recentFailures: [NOW] }
    for (const each of ['oneTimeCode', 'local'] as const) {
      expect(changes).toContainEqual({
        kind: 'set-throttle',
        budget: each,
        throttle: each === budget ? FRESH_THROTTLE : kept,
      })
    }
  })

  test.each([
    { what: 'the account was reset', reason: 'must-enroll', on: withOverride() },
    { what: 'the name is another person now', reason: 'uid-changed', on: withUid(4242) },
    { what: 'the account is gone', reason: 'not-enrolled', on: NEVER_KNOWN },
    { what: 'new codes were made', reason: 'code-wrong', on: { ...state, oneTimeCodes: [other] } },
    {
      what: 'another login used it',
      reason: 'code-wrong',
      on: { ...state, oneTimeCodes: [{ ...code, usesLeft: 0 }, other] },
    },
    {
      what: 'it expired',
      reason: 'code-wrong',
      on: { ...state, oneTimeCodes: [{ ...code, expiresAt: LATER }, other] },
    },
  ])('is refused where $what meanwhile, and the charge stays', ({ reason, on }) => {
    const { result, changes } = run(on)
    expect(result).toEqual({ outcome: 'denied', reason })
    expect(changes).toEqual([
      {
        kind: 'append-audit',
        event: expect.objectContaining({ outcome: 'denied', reason, completes: 7 }),
      },
    ])
  })
})

describe('a proven bypass code', () => {
  const bypass = { ...code, kind: 'bypass', expiresAt: addSeconds(NOW, DAY_SECONDS) } as const

  test.each([
    { where: 'over SSH', facts: buildFacts(), budget: 'oneTimeCode' },
    { where: 'at su', facts: SU, budget: 'local' },
  ] as const)('$where takes its own charge back, and ends no lock', ({ facts, budget }) => {
    const throttle = { ...charged.throttle, [budget]: CHARGED }
    const account = buildAccount({ throttle })
    const { result, changes } = run(buildKnown({ account, oneTimeCodes: [bypass] }), { facts })
    expect(result).toEqual({ outcome: 'accepted', method: 'bypass' })
    expect(changes.filter(({ kind }) => kind === 'set-throttle')).toEqual([
      { kind: 'set-throttle', budget, throttle: FRESH_THROTTLE },
    ])
  })
})

describe('a recovery code that was not right', () => {
  test('is denied, and the charge stays', () => {
    const { result, changes } = run(state, { provenCodeId: undefined })
    expect(result).toEqual({ outcome: 'denied', reason: 'code-wrong' })
    expect(changes.map(({ kind }) => kind)).toEqual(['append-audit'])
  })

  test('has no link in its record where the first row is not known', () => {
    const { changes } = run(state, { provenCodeId: undefined, completes: undefined })
    const [change] = changes
    expect(change?.kind === 'append-audit' && 'completes' in change.event).toBe(false)
  })
})

function withOverride(): AccountState {
  const override = { kind: 'must-enroll', reason: undefined } as const
  return { ...state, account: { ...charged, override } }
}

function withUid(uid: number): AccountState {
  return { ...state, account: { ...charged, uid: toUid(uid) } }
}
