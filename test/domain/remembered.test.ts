import { describe, expect, test } from 'vitest'
import { parseIpAddress } from '../../src/base/ip-network.ts'
import { addSeconds, HOUR_SECONDS, type UnixSeconds } from '../../src/base/time.ts'
import { judgeAccountPhase } from '../../src/domain/account-phase.ts'
import { admissionChanges } from '../../src/domain/admission.ts'
import { admit } from '../../src/domain/admit.ts'
import { judgeExcuse } from '../../src/domain/excuse.ts'
import { rememberedUntil } from '../../src/domain/known-source.ts'
import type { LoginFacts } from '../../src/domain/login.ts'
import { FRESH_THROTTLE } from '../../src/domain/throttle.ts'
import {
  ALICE,
  buildAccount,
  buildDevice,
  buildKnown,
  codeOf,
  NOW,
  openPlain,
  toAccountName,
  wrongCodeFor,
} from '../support/account-fixture.ts'
import { buildFacts, buildPolicy } from '../support/login-fixture.ts'
import { applyChanges } from '../support/memory-change.ts'

const phone = buildDevice()
const POLICY = buildPolicy({ rememberSeconds: HOUR_SECONDS })
const ONE_ADDRESS = { address: parseIpAddress('2001:db8:1:2:aaaa::1') }
const SOME_TIME_LATER = addSeconds(NOW, 600)

/** Alice, who has logged in with a code just now. */
function afterCode(facts: LoginFacts = buildFacts(), at: UnixSeconds = NOW) {
  const state = buildKnown({ devices: [phone] })
  const answer = { kind: 'code', code: codeOf(phone, at) } as const
  const { result, changes } = admit(state, {
    facts,
    answer,
    policy: POLICY,
    now: at,
    openSecret: openPlain,
  })
  expect(result.outcome).toBe('accepted')
  return applyChanges(state, ALICE, changes)
}

/** The state after a login without an answer, and what it came to. */
function logIn(
  state: ReturnType<typeof afterCode>,
  now: UnixSeconds,
  facts: LoginFacts = buildFacts(),
  policy = POLICY,
) {
  const { result, changes } = judgeExcuse(state, { facts, policy, now })
  const reason = result.outcome === 'excused' ? result.rule : result.reason
  return { reason, changes, state: applyChanges(state, ALICE, changes) }
}

describe('a login after a right code', () => {
  test('is remembered for as long as is written, to the second', () => {
    const state = afterCode()
    expect(logIn(state, NOW).reason).toBe('remembered')
    expect(logIn(state, addSeconds(NOW, HOUR_SECONDS - 1)).reason).toBe('remembered')
    expect(logIn(state, addSeconds(NOW, HOUR_SECONDS)).reason).toBe('not-excused')
  })

  test('is not remembered where that is off, and no more once it is switched off', () => {
    expect(logIn(afterCode(), NOW, buildFacts(), buildPolicy()).reason).toBe('not-excused')
  })

  test('is remembered for its /64 of IPv6 and no other', () => {
    const state = afterCode(buildFacts(ONE_ADDRESS))
    const from = (text: string) =>
      logIn(state, NOW, buildFacts({ address: parseIpAddress(text) })).reason
    expect(from('2001:db8:1:2:bbbb::9')).toBe('remembered')
    expect(from('2001:db8:1:3:aaaa::1')).toBe('not-excused')
  })

  const key = { method: 'publickey', fingerprint: 'SHA256:other', keyType: 'ssh-ed25519' }
  test.each([
    ['another address', { address: parseIpAddress('192.0.2.8') }],
    ['no address', { address: undefined }],
    ['another key', { firstFactor: key }],
    [
      'a password',
      { firstFactor: { method: 'password', fingerprint: undefined, keyType: undefined } },
    ],
  ] as const)('is asked again with %s', (_, fields) => {
    expect(logIn(afterCode(), NOW, buildFacts(fields)).reason).toBe('not-excused')
  })

  test.each(['sudo', 'su', 'login', 'sshd'])('is asked in %s where that is no SSH', (service) => {
    const facts = buildFacts({ service, isSsh: false, connection: undefined })
    expect(logIn(afterCode(), NOW, facts).reason).toBe('not-excused')
    expect(logIn(afterCode(facts), NOW).reason).toBe('not-excused')
  })

  test('is remembered for nobody else', () => {
    const bob = buildKnown({ account: buildAccount({ name: toAccountName('bob') }) })
    expect(logIn(bob, NOW).reason).toBe('not-excused')
  })
})

describe('what is remembered', () => {
  test('is not prolonged by logins that it excuses', () => {
    let state = afterCode()
    for (let at = 0; at < HOUR_SECONDS; at += 300) {
      const login = logIn(state, addSeconds(NOW, at))
      expect(login.reason).toBe('remembered')
      expect(login.changes.map(({ kind }) => kind)).not.toContain('put-source')
      state = login.state
    }
    expect(logIn(state, addSeconds(NOW, HOUR_SECONDS)).reason).toBe('not-excused')
  })

  test('is written by no excuse and no bypass code', () => {
    for (const method of ['excuse', 'bypass'] as const) {
      const kinds = admissionChanges(buildFacts(), method, NOW).map(({ kind }) => kind)
      expect(kinds).toEqual(['record-login', 'put-ticket'])
    }
  })

  test('covers the account phase only as sshd shows it: no single method has a source', () => {
    const facts = buildFacts({ firstFactor: undefined })
    const { result } = judgeAccountPhase(
      { ...afterCode(), tickets: [] },
      { facts, policy: POLICY, now: NOW },
    )
    expect(result).toEqual({ outcome: 'denied', reason: 'ticket-missing' })
  })

  test.each([
    ['code', 'code'],
    ['oneTimeCode', 'one-time-code'],
  ] as const)('ends with the wrong %s that locks', (budget, kind) => {
    const almost = { ...FRESH_THROTTLE, consecutiveFailures: 99 }
    const before = afterCode()
    if (before.kind !== 'known') return expect.unreachable('alice is not known')
    const throttle = { ...before.account.throttle, [budget]: almost }
    const state = { ...before, account: { ...before.account, throttle } }
    const answer =
      kind === 'code'
        ? ({ kind, code: wrongCodeFor([phone]) } as const)
        : ({ kind, parts: { selector: 'ZZZZ', secret: 'ZZZZZZZZZZZZ' } } as const)
    const input = { facts: buildFacts(), answer, policy: POLICY, openSecret: openPlain }
    expect(logIn(state, SOME_TIME_LATER).reason).toBe('remembered')
    const { changes } = admit(state, { ...input, now: SOME_TIME_LATER })
    const locked = applyChanges(state, ALICE, changes)
    expect(logIn(locked, SOME_TIME_LATER).reason).toBe('not-excused')
    expect(locked).toMatchObject({ sources: [{ lastSuccessAt: NOW }] })
  })
})

describe('a clock that was set back', () => {
  test('to before the code remembers nothing', () => {
    expect(logIn(afterCode(), addSeconds(NOW, -1)).reason).toBe('not-excused')
  })

  test('prolongs nothing: what was used up of the time is not given again', () => {
    const { state } = logIn(afterCode(), addSeconds(NOW, 3000))
    expect(logIn(state, SOME_TIME_LATER).reason).toBe('not-excused')
    expect(logIn(state, addSeconds(NOW, 2999)).reason).toBe('not-excused')
    expect(logIn(state, addSeconds(NOW, 3000)).reason).toBe('remembered')
  })

  test('shows in what source list says', () => {
    const source = {
      network: '192.0.2.7',
      firstFactor: 'password',
      lastSuccessAt: NOW,
      rememberedAt: NOW,
    }
    const until = (lastLoginAt: UnixSeconds | undefined) =>
      rememberedUntil(source, lastLoginAt, HOUR_SECONDS, SOME_TIME_LATER)
    expect(until(NOW)).toBe(addSeconds(NOW, HOUR_SECONDS))
    expect(until(undefined)).toBe(addSeconds(NOW, HOUR_SECONDS))
    expect(until(addSeconds(SOME_TIME_LATER, 1))).toBeUndefined()
    expect(
      rememberedUntil({ ...source, rememberedAt: undefined }, NOW, HOUR_SECONDS, NOW),
    ).toBeUndefined()
  })
})
