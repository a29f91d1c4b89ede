import { expect, test } from 'vitest'
import { answerOnce } from '../../src/domain/answer-once.ts'
import type { Answered, AttemptId } from '../../src/domain/attempt.ts'
import type { Outcome } from '../../src/domain/change.ts'
import type { ToProve } from '../../src/domain/charge.ts'
import type { Decision } from '../../src/domain/decision.ts'
import { buildAccount, buildKnown, NEVER_KNOWN, NOW } from '../support/account-fixture.ts'
import { buildFacts } from '../support/login-fixture.ts'

const ATTEMPT = '0f'.repeat(16) as AttemptId
const YES: Answered = { outcome: 'accepted', method: 'totp', device: 'phone' }
const USED = { kind: 'remove-sources' } as const
const ASKED = { facts: buildFacts({ attempt: ATTEMPT }), now: NOW }

function says(result: Decision): () => Outcome<Decision> {
  return () => ({ changes: [USED], result })
}

function never(): Outcome<Decision> {
  throw new Error('it was judged again')
}

test.each<Answered>([
  YES,
  { outcome: 'excused', rule: 'office' },
])('a yes is kept with what it changes: %j', (answer) => {
  const { changes, result } = answerOnce(NEVER_KNOWN, undefined, ASKED, says(answer))
  expect(result).toEqual(answer)
  const kept = { kind: 'keep-answer', attempt: ATTEMPT, answer, at: NOW, expiresAt: NOW + 60 }
  expect(changes).toEqual([USED, kept])
})

test('whoever asks again is answered the same, and nothing is judged or changed', () => {
  expect(answerOnce(buildKnown(), YES, ASKED, never)).toEqual({ changes: [], result: YES })
})

const TO_PROVE: ToProve = {
  outcome: 'prove',
  candidate: undefined,
  secret: 'SECRET',
  chargedAt: NOW,
}

test('a charge is kept, so that whoever asks again is not charged again', () => {
  const prove = () => ({ changes: [USED], result: TO_PROVE })
  const { changes } = answerOnce(NEVER_KNOWN, undefined, ASKED, prove)
  const kept = { kind: 'keep-charge', attempt: ATTEMPT, at: NOW, expiresAt: NOW + 60 }
  expect(changes).toEqual([USED, kept])
  const charged = { outcome: 'charged', chargedAt: NOW, completes: 7 } as const
  const again = answerOnce(NEVER_KNOWN, charged, ASKED, (told) => {
    expect(told).toEqual(charged)
    return { changes: [], result: TO_PROVE }
  })
  expect(again).toEqual({ changes: [], result: TO_PROVE })
})

test('a no is not kept', () => {
  const no = { outcome: 'denied', reason: 'code-wrong' } as const
  expect(answerOnce(NEVER_KNOWN, undefined, ASKED, says(no)).changes).toEqual([USED])
})

test('nothing is kept where nobody could ask again', () => {
  const facts = buildFacts()
  expect(answerOnce(NEVER_KNOWN, undefined, { facts, now: NOW }, says(YES)).changes).toEqual([USED])
})

test('a suspension in between ends it', () => {
  const override = { kind: 'suspended', reason: undefined } as const
  const barred = buildKnown({ account: buildAccount({ override }) })
  const no = { outcome: 'denied', reason: 'suspended' } as const
  expect(answerOnce(barred, YES, ASKED, says(no)).result).toEqual(no)
})
