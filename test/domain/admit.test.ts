import { describe, expect, test } from 'vitest'
import { addSeconds, HOUR_SECONDS } from '../../src/base/time.ts'
import type { Budget, KnownAccount } from '../../src/domain/account.ts'
import { admit } from '../../src/domain/admit.ts'
import type { Answer } from '../../src/domain/answer.ts'
import { stepAt } from '../../src/domain/otp.ts'
import type { VerifyPolicy } from '../../src/domain/standing.ts'
import { FRESH_THROTTLE, type ThrottleState } from '../../src/domain/throttle.ts'
import { issueTicket } from '../../src/domain/ticket.ts'
import {
  buildAccount,
  buildDevice,
  buildKnown,
  buildRecoveryCode,
  codeOf,
  NOW,
  openPlain,
  wrongCodeFor,
} from '../support/account-fixture.ts'
import { buildFacts, buildPolicy, THROTTLE } from '../support/login-fixture.ts'

const facts = buildFacts()
const phone = buildDevice({ id: 'a' })
const right: Answer = { kind: 'code', code: codeOf(phone) }
const wrong: Answer = { kind: 'code', code: wrongCodeFor([phone]) }
const recovery: Answer = {
  kind: 'one-time-code',
  parts: { selector: 'SEL0', secret: 'AAAAAAAAAAAA' },
}

function run(state: KnownAccount, answer: Answer, policy: VerifyPolicy = buildPolicy()) {
  return admit(state, { facts, answer, policy, now: NOW, openSecret: openPlain })
}

function withThrottle(throttle: Partial<Record<Budget, ThrottleState>>) {
  const account = buildAccount({
    throttle: { ...buildAccount().throttle, ...throttle },
  })
  return buildKnown({ account, devices: [phone], oneTimeCodes: [buildRecoveryCode()] })
}

const LOCKED: ThrottleState = { ...FRESH_THROTTLE, consecutiveFailures: 100 }

describe('a right code', () => {
  test('moves the mark, forgets failures, leaves a ticket and a record', () => {
    const failed = { ...FRESH_THROTTLE, consecutiveFailures: 3 }
    const { result, changes } = run(withThrottle({ code: failed }), right)
    expect(result).toEqual({ outcome: 'accepted', method: 'totp', device: 'phone' })
    expect(changes).toEqual([
      { kind: 'accept-step', deviceId: 'a', step: stepAt(NOW, 30), at: NOW },
      { kind: 'set-throttle', budget: 'code', throttle: FRESH_THROTTLE },
      { kind: 'record-login', at: NOW },
      {
        kind: 'put-source',
        source: {
          network: '192.0.2.7',
          firstFactor: 'publickey SHA256:key',
          lastSuccessAt: NOW,
          rememberedAt: NOW,
        },
      },
      {
        kind: 'put-ticket',
        ticket:
          facts.connection &&
          issueTicket(facts.connection, { method: 'totp', provesFirstFactor: false }, NOW),
        at: NOW,
      },
      {
        kind: 'append-audit',
        event: expect.objectContaining({ outcome: 'accepted', method: 'totp', device: 'phone' }),
      },
    ])
  })

  test('keeps the failures of the day on the account', () => {
    const failed = { consecutiveFailures: 2, recentFailures: [NOW, NOW], wait: undefined }
    const { changes } = run(withThrottle({ code: failed }), right)
    expect(changes).toContainEqual({
      kind: 'set-throttle',
      budget: 'code',
      throttle: { ...FRESH_THROTTLE, recentFailures: [NOW, NOW] },
    })
  })

  test('confirms a device that counts before it is confirmed', () => {
    const fresh = { ...phone, confirmedAt: undefined, countsUnconfirmed: true }
    const { result, changes } = run(buildKnown({ devices: [fresh] }), right)
    expect(result.outcome).toBe('accepted')
    expect(changes).toContainEqual({ kind: 'confirm-device', deviceId: 'a', at: NOW })
  })

  test('leaves no ticket where sshd named no connection to bind it to', () => {
    const input = { answer: right, policy: buildPolicy(), now: NOW, openSecret: openPlain }
    const { result, changes } = admit(buildKnown({ devices: [phone] }), {
      ...input,
      facts: buildFacts({ connection: undefined }),
    })
    expect(result.outcome).toBe('accepted')
    expect(changes.map(({ kind }) => kind)).not.toContain('put-ticket')
  })

  test('is not looked at during a wait: no secret is opened', () => {
    const openSecret = () => expect.unreachable('a secret was opened')
    const { result, changes } = admit(withThrottle({ code: LOCKED }), {
      facts,
      answer: right,
      policy: buildPolicy(),
      now: NOW,
      openSecret,
    })
    expect(result).toEqual({ outcome: 'denied', reason: 'locked', budget: 'code' })
    expect(changes.map(({ kind }) => kind)).toEqual(['count-denial'])
  })

  test('is not looked at before a first factor: no secret is opened', () => {
    const openSecret = () => expect.unreachable('a secret was opened')
    const stranger = buildFacts({ firstFactor: undefined })
    const input = { answer: right, policy: buildPolicy(), now: NOW, openSecret }
    const outcome = admit(buildKnown({ devices: [phone] }), { ...input, facts: stranger })
    expect(outcome).toEqual({
      changes: [],
      result: { outcome: 'denied', reason: 'first-factor-missing' },
    })
  })

  test('is refused on an account whose clock went back, without a charge', () => {
    const ahead = { ...phone, lastAcceptedStep: stepAt(NOW, 30) + 100 }
    const { result, changes } = run(buildKnown({ devices: [ahead] }), right)
    expect(result).toEqual({ outcome: 'denied', reason: 'clock-behind' })
    expect(changes.map(({ kind }) => kind)).toEqual(['count-denial'])
  })
})

describe('a wrong code', () => {
  test('is charged exactly once, to the budget of codes', () => {
    const { changes } = run(withThrottle({}), wrong)
    expect(changes).toEqual([
      {
        kind: 'set-throttle',
        budget: 'code',
        throttle: { consecutiveFailures: 1, recentFailures: [NOW], wait: undefined },
      },
      {
        kind: 'append-audit',
        event: expect.objectContaining({ outcome: 'denied', reason: 'code-wrong' }),
      },
    ])
  })

  test('is on no record itself', () => {
    const { changes, result } = run(withThrottle({}), wrong)
    const code = wrong.kind === 'code' ? wrong.code : ''
    expect(JSON.stringify({ changes, result })).not.toContain(code)
  })

  test('names the end of a wait that is on', () => {
    const wait = { from: NOW, until: addSeconds(NOW, 77) }
    const { result } = run(withThrottle({ code: { ...FRESH_THROTTLE, wait } }), wrong)
    expect(result).toEqual({
      outcome: 'denied',
      reason: 'throttled',
      until: wait.until,
      budget: 'code',
    })
  })

  test('after the clock was set back saves the wait that starts over', () => {
    const from = addSeconds(NOW, HOUR_SECONDS)
    const wait = { from, until: addSeconds(from, 60) }
    const { changes, result } = run(withThrottle({ code: { ...FRESH_THROTTLE, wait } }), wrong)
    const rebased = { from: NOW, until: addSeconds(NOW, 60) }
    expect(result).toMatchObject({ reason: 'throttled', until: rebased.until })
    expect(changes).toEqual([
      { kind: 'set-throttle', budget: 'code', throttle: { ...FRESH_THROTTLE, wait: rebased } },
      expect.objectContaining({ kind: 'count-denial' }),
    ])
  })
})

describe('a one-time code', () => {
  test('is charged before it is proven, and leaves an unfinished record', () => {
    const { changes, result } = run(withThrottle({}), recovery)
    expect(result).toEqual({
      outcome: 'prove',
      candidate: { codeId: buildRecoveryCode().id, hash: 'hash of SEL0' },
      secret: 'AAAAAAAAAAAA',
      chargedAt: NOW,
    })
    expect(changes).toEqual([
      {
        kind: 'set-throttle',
        budget: 'oneTimeCode',
        throttle: { consecutiveFailures: 1, recentFailures: [NOW], wait: undefined },
      },
      {
        kind: 'append-audit',
        event: expect.objectContaining({ outcome: 'unfinished', method: 'one-time-code' }),
      },
    ])
  })

  test.each([
    { what: 'unknown', codes: [buildRecoveryCode({ selector: 'SEL9' })] },
    { what: 'used', codes: [buildRecoveryCode({ usesLeft: 0 })] },
    { what: 'expired', codes: [buildRecoveryCode({ expiresAt: NOW })] },
    {
      what: 'of a time to come',
      codes: [
        buildRecoveryCode({ createdAt: addSeconds(NOW, 11), expiresAt: addSeconds(NOW, 99) }),
      ],
    },
  ])('that is $what costs the same and has no candidate', ({ codes }) => {
    const { changes, result } = run(buildKnown({ oneTimeCodes: codes }), recovery)
    expect(result).toMatchObject({ outcome: 'prove', candidate: undefined })
    expect(changes.map(({ kind }) => kind)).toEqual(['set-throttle', 'append-audit'])
  })

  test('has a budget of its own: a lock of one kind leaves the other open', () => {
    expect(run(withThrottle({ code: LOCKED }), recovery).result.outcome).toBe('prove')
    expect(run(withThrottle({ oneTimeCode: LOCKED }), right).result.outcome).toBe('accepted')
    const { result } = run(withThrottle({ oneTimeCode: LOCKED }), recovery)
    expect(result).toMatchObject({ reason: 'locked' })
  })

  test('is not taken for a guess at the authenticator', () => {
    const policy = buildPolicy({}, { throttle: { ...THROTTLE, lockAfter: 1 } })
    const failed = { ...FRESH_THROTTLE, consecutiveFailures: 1 }
    expect(run(withThrottle({ code: failed }), recovery, policy).result.outcome).toBe('prove')
  })
})
