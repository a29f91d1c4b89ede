import { describe, expect, test } from 'vitest'
import { addSeconds } from '../../src/base/time.ts'
import type { AccountState } from '../../src/domain/account.ts'
import { admit } from '../../src/domain/admit.ts'
import type { Answer, UnusableReason } from '../../src/domain/answer.ts'
import type { Change } from '../../src/domain/change.ts'
import type { LoginFacts } from '../../src/domain/login.ts'
import { stepAt } from '../../src/domain/otp.ts'
import { FRESH_THROTTLE, type ThrottleState } from '../../src/domain/throttle.ts'
import {
  buildAccount,
  buildDevice,
  buildKnown,
  buildRecoveryCode,
  codeOf,
  NEVER_KNOWN,
  NOW,
  openPlain,
  toUid,
  wrongCodeFor,
} from '../support/account-fixture.ts'
import { buildFacts, buildPolicy } from '../support/login-fixture.ts'

/**
 * Every combination of account, first factor, answer and throttle, against the order of questions
 * that the documentation promises: name, standing, first factor, form, throttle, code.
 */
const STEP = stepAt(NOW, 30)
/** The code of the step before the last accepted one stays in the window, and so does the next one. */
const phone = buildDevice({ id: 'a', lastAcceptedStep: undefined })
const usedPhone = buildDevice({ id: 'a', lastAcceptedStep: STEP })
const oneTimeCodes = [
  buildRecoveryCode({ id: 'unused', selector: 'SEL0', hash: 'unused hash' }),
  buildRecoveryCode({ id: 'used', selector: 'SEL1', usesLeft: 0 }),
  buildRecoveryCode({ id: 'expired', selector: 'SEL2', expiresAt: NOW }),
]

const WAIT = { from: NOW, until: addSeconds(NOW, 30) }
const THROTTLES: Readonly<Record<string, ThrottleState>> = {
  free: { ...FRESH_THROTTLE, consecutiveFailures: 1, recentFailures: [NOW] },
  waiting: { consecutiveFailures: 5, recentFailures: [NOW], wait: WAIT },
  locked: { ...FRESH_THROTTLE, consecutiveFailures: 100 },
}

const FACTORS: Readonly<Record<string, LoginFacts>> = {
  proven: buildFacts(),
  missing: buildFacts({ firstFactor: undefined }),
  'not SSH': buildFacts({
    service: 'sudo',
    isSsh: false,
    connection: undefined,
    firstFactor: undefined,
  }),
  'code alone': buildFacts({ service: 'sshd-code', firstFactor: undefined }),
}

const STANDINGS = ['never known', 'known', 'uid changed', 'must enroll', 'unconfirmed'] as const
type Standing = (typeof STANDINGS)[number]

interface AnswerCase {
  readonly answer: Answer
  /** What comes of it where nothing else is in the way. */
  readonly verdict: 'accepted' | 'prove' | 'code-wrong' | 'code-replayed' | UnusableReason
  readonly phone?: typeof phone
}

const codeCase = (by: number, verdict: AnswerCase['verdict'], device = phone): AnswerCase => ({
  answer: { kind: 'code', code: codeOf(device, NOW, by) },
  verdict,
  phone: device,
})
const oneTime = (selector: string): AnswerCase => ({
  answer: { kind: 'one-time-code', parts: { selector, secret: 'AAAAAAAAAAAA' } },
  verdict: 'prove',
})
const unusable = (reason: UnusableReason): AnswerCase => ({
  answer: { kind: 'unusable', reason },
  verdict: reason,
})

const ANSWERS: Readonly<Record<string, AnswerCase>> = {
  'a right code': codeCase(0, 'accepted'),
  'the code of the step before': codeCase(-1, 'accepted'),
  'the code of the next step': codeCase(1, 'accepted'),
  'a code two steps old': codeCase(-2, 'code-wrong'),
  'a code two steps early': codeCase(2, 'code-wrong'),
  'a wrong code': {
    answer: { kind: 'code', code: wrongCodeFor([phone]) },
    verdict: 'code-wrong',
  },
  'a used code': codeCase(0, 'code-replayed', usedPhone),
  'a code older than a used one': codeCase(-1, 'code-replayed', usedPhone),
  'a code newer than a used one': codeCase(1, 'accepted', usedPhone),
  'an empty answer': unusable('empty'),
  'a truncated answer': unusable('truncated'),
  'junk of sshd': unusable('refused-by-sshd'),
  'a password': unusable('not-a-code'),
  'a one-time code': oneTime('SEL0'),
  'a one-time code of an unknown selector': oneTime('XXXX'),
  'a used one-time code': oneTime('SEL1'),
  'an expired one-time code': oneTime('SEL2'),
}

function stateOf(standing: Standing, each: AnswerCase, throttle: ThrottleState): AccountState {
  if (standing === 'never known') return NEVER_KNOWN
  const override = { kind: 'must-enroll', reason: undefined } as const
  const account = buildAccount({
    throttle: { code: throttle, oneTimeCode: throttle, knownSource: throttle, local: throttle },
    ...(standing === 'uid changed' ? { uid: toUid(4242) } : {}),
    ...(standing === 'must enroll' ? { override } : {}),
  })
  const device = each.phone ?? phone
  const waiting = { ...device, confirmedAt: undefined }
  const devices = [standing === 'unconfirmed' ? waiting : device]
  return buildKnown({ account, devices, oneTimeCodes })
}

function expectedVerdict(standing: Standing, factor: string, each: AnswerCase, throttle: string) {
  if (standing === 'uid changed') return 'uid-changed'
  if (standing === 'must enroll') return 'must-enroll'
  if (factor === 'missing') return 'first-factor-missing'
  if (each.answer.kind === 'unusable') return each.answer.reason
  if (standing === 'never known') return 'not-enrolled'
  if (standing === 'unconfirmed' && each.answer.kind === 'code') return 'not-enrolled'
  if (throttle === 'waiting') return 'throttled'
  if (throttle === 'locked') return 'locked'
  return each.verdict
}

function expectedChanges(verdict: string, factor: string): readonly Change['kind'][] {
  switch (verdict) {
    case 'accepted': {
      const ticket = factor === 'not SSH' ? [] : (['put-ticket'] as const)
      const source = factor === 'proven' ? (['put-source'] as const) : []
      return ['accept-step', 'set-throttle', 'record-login', ...source, ...ticket, 'append-audit']
    }
    case 'prove':
    case 'code-wrong':
      return ['set-throttle', 'append-audit']
    default:
      return factor === 'missing' ? [] : ['count-denial']
  }
}

const COMBINATIONS = STANDINGS.flatMap((standing) =>
  Object.keys(FACTORS).map((factor) => ({ standing, factor })),
)
const policy = buildPolicy({ codeAlone: ['sshd-code'] })

describe.each(COMBINATIONS)('an account that is $standing, first factor $factor', (combination) => {
  const { standing, factor } = combination
  const facts = FACTORS[factor] ?? buildFacts()

  test.each(Object.keys(THROTTLES))('comes to the promised verdicts while %s', (throttle) => {
    for (const [name, each] of Object.entries(ANSWERS)) {
      const state = stateOf(standing, each, THROTTLES[throttle] ?? FRESH_THROTTLE)
      const input = { facts, answer: each.answer, policy, now: NOW, openSecret: openPlain }
      const { result, changes } = admit(state, input)
      const verdict = expectedVerdict(standing, factor, each, throttle)
      expect(result.outcome === 'denied' ? result.reason : result.outcome, name).toBe(verdict)
      const kinds = changes.map(({ kind }) => kind).filter((kind) => kind !== 'set-drift')
      expect(kinds, name).toEqual(expectedChanges(verdict, factor))
    }
  })
})
