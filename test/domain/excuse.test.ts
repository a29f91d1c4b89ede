import { describe, expect, test } from 'vitest'
import type { AccountState } from '../../src/domain/account.ts'
import { judgeExcuse } from '../../src/domain/excuse.ts'
import type { LoginFacts } from '../../src/domain/login.ts'
import { issueTicket } from '../../src/domain/ticket.ts'
import {
  buildAccount,
  buildDevice,
  buildKnown,
  buildRecoveryCode,
  NEVER_KNOWN,
  NOW,
  toUid,
} from '../support/account-fixture.ts'
import { buildFacts, buildPolicy } from '../support/login-fixture.ts'

const facts = buildFacts()
const override = { kind: 'must-enroll', reason: undefined } as const
const mustEnroll = buildKnown({ account: buildAccount({ override }) })
const anotherUid = buildKnown({ account: buildAccount({ uid: toUid(4242) }) })

function run(state: AccountState, unenrolled: 'allow' | 'deny', login: LoginFacts = facts) {
  return judgeExcuse(state, { facts: login, policy: buildPolicy({ unenrolled }), now: NOW })
}

describe('a login before the question', () => {
  test('is excused also where an enrolment was begun and never finished', () => {
    const begun = buildDevice({ confirmedAt: undefined, countsUnconfirmed: false })
    const account = buildAccount({ enrolledAt: undefined })
    expect(run(buildKnown({ account, devices: [begun] }), 'allow').result.outcome).toBe('excused')
  })

  test('needs no code where people never known are let in: with a ticket, on the record', () => {
    const { result, changes } = run(NEVER_KNOWN, 'allow')
    expect(result).toEqual({ outcome: 'excused', rule: 'unenrolled-allowed' })
    expect(changes).toEqual([
      {
        kind: 'put-ticket',
        ticket:
          facts.connection &&
          issueTicket(facts.connection, { method: 'excuse', provesFirstFactor: false }, NOW),
        at: NOW,
      },
      {
        kind: 'append-audit',
        event: expect.objectContaining({ outcome: 'excused', rule: 'unenrolled-allowed' }),
      },
    ])
  })

  const stranger = buildFacts({ firstFactor: undefined })
  const sudo = buildFacts({ isSsh: false, service: 'sudo', firstFactor: undefined })
  test.each([
    { who: 'never known, where that is denied', state: NEVER_KNOWN, reason: 'not-excused' },
    {
      who: 'never known, with no first factor',
      state: NEVER_KNOWN,
      reason: 'first-factor-missing',
      unenrolled: 'allow' as const,
      login: stranger,
    },
    {
      who: 'never known, in sudo, which proves no factor',
      state: NEVER_KNOWN,
      reason: 'first-factor-missing',
      unenrolled: 'allow' as const,
      login: sudo,
    },
    {
      who: 'enrolled',
      state: buildKnown(),
      reason: 'not-excused',
      unenrolled: 'allow' as const,
    },
    {
      who: 'whose device is lost, with no trace of what became of it',
      state: buildKnown({ devices: [] }),
      reason: 'not-excused',
      unenrolled: 'allow' as const,
    },
    {
      who: 'who has logged in before, without any device left',
      state: buildKnown({
        devices: [],
        account: buildAccount({ enrolledAt: undefined, lastLoginAt: NOW }),
      }),
      reason: 'not-excused',
      unenrolled: 'allow' as const,
    },
    {
      who: 'with recovery codes, without any device',
      state: buildKnown({
        devices: [],
        oneTimeCodes: [buildRecoveryCode()],
        account: buildAccount({ enrolledAt: undefined }),
      }),
      reason: 'not-excused',
      unenrolled: 'allow' as const,
    },
    {
      who: 'whose device counts although it is not confirmed',
      state: buildKnown({
        devices: [buildDevice({ confirmedAt: undefined, countsUnconfirmed: true })],
        account: buildAccount({ enrolledAt: undefined }),
      }),
      reason: 'not-excused',
      unenrolled: 'allow' as const,
    },
    {
      who: 'to enroll',
      state: mustEnroll,
      reason: 'must-enroll',
      unenrolled: 'allow' as const,
    },
    {
      who: 'of another uid than at enrolment',
      state: anotherUid,
      reason: 'uid-changed',
      unenrolled: 'allow' as const,
    },
  ])('of somebody $who goes on to the question, and nothing is written', (row) => {
    const outcome = run(row.state, row.unenrolled ?? 'deny', row.login)
    expect(outcome).toEqual({ changes: [], result: { outcome: 'denied', reason: row.reason } })
  })
})
