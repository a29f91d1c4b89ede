import { describe, expect, test } from 'vitest'
import { addSeconds } from '../../src/base/time.ts'
import type { AccountState } from '../../src/domain/account.ts'
import { judgeAccountPhase } from '../../src/domain/account-phase.ts'
import type { LoginFacts, LoginPolicy } from '../../src/domain/login.ts'
import { hashConnection, issueTicket } from '../../src/domain/ticket.ts'
import { buildAccount, buildKnown, NEVER_KNOWN, NOW, toUid } from '../support/account-fixture.ts'
import { buildFacts, buildPolicy, SSH_CONNECTION } from '../support/login-fixture.ts'

const facts = buildFacts()
const connection = hashConnection(SSH_CONNECTION)
const ticket = issueTicket(connection, { method: 'totp', provesFirstFactor: false }, NOW)
const enrolled = buildKnown({ tickets: [ticket] })
const withoutFactor = buildFacts({ firstFactor: undefined })

function run(state: AccountState, login: LoginFacts = facts, policy: Partial<LoginPolicy> = {}) {
  return judgeAccountPhase(state, { facts: login, policy: buildPolicy(policy), now: NOW })
}
const denied = (reason: string) => ({ outcome: 'denied', reason })
const kindsOf = ({ changes }: ReturnType<typeof run>) => changes.map(({ kind }) => kind)

describe('the account phase', () => {
  test.each([
    'totp',
    'recovery',
    'excuse',
  ] as const)('takes the ticket of this login: %s', (method) => {
    const state = buildKnown({
      tickets: [issueTicket(connection, { method, provesFirstFactor: false }, NOW)],
    })
    expect(run(state)).toEqual({
      result: { outcome: 'accepted', method },
      changes: [{ kind: 'consume-ticket', connection }],
    })
  })

  test('takes the ticket of an excused login of somebody never known', () => {
    const tickets = [issueTicket(connection, { method: 'excuse', provesFirstFactor: false }, NOW)]
    expect(run({ kind: 'never-known', tickets }, facts, { unenrolled: 'allow' }).result).toEqual({
      outcome: 'accepted',
      method: 'excuse',
    })
  })

  test.each([
    { what: 'there is none', state: buildKnown(), login: facts },
    {
      what: 'it is of another connection',
      state: enrolled,
      login: buildFacts({ connection: hashConnection('192.0.2.7 50001 192.0.2.1 22') }),
    },
    {
      what: 'no connection is named',
      state: enrolled,
      login: buildFacts({ connection: undefined }),
    },
    {
      what: 'it has expired',
      state: buildKnown({
        tickets: [
          issueTicket(
            connection,
            { method: 'totp', provesFirstFactor: false },
            addSeconds(NOW, -150),
          ),
        ],
      }),
      login: facts,
    },
  ])('denies without a ticket: $what', ({ state, login }) => {
    const outcome = run(state, login)
    expect(outcome.result).toEqual(denied('ticket-missing'))
    expect(kindsOf(outcome)).toEqual(['count-denial'])
  })

  test('refuses one method alone even with a ticket: a code was the only factor', () => {
    expect(run(enrolled, withoutFactor)).toEqual({ changes: [], result: denied('ticket-missing') })
  })

  test('takes a ticket of one method alone where a code may be that one', () => {
    const outcome = run(enrolled, withoutFactor, { codeAlone: ['sshd'] })
    expect(outcome.result).toEqual({ outcome: 'accepted', method: 'totp' })
  })

  test('lets one method alone in where an excuse was written down, on the record', () => {
    const outcome = run(NEVER_KNOWN, withoutFactor, { unenrolled: 'allow' })
    expect(outcome.result).toEqual({ outcome: 'excused', rule: 'unenrolled-allowed' })
    expect(kindsOf(outcome)).toEqual(['append-audit'])
  })

  test('excuses nobody who is enrolled, and nobody where no excuse is written', () => {
    const allow = { unenrolled: 'allow' } as const
    expect(run(buildKnown(), facts, allow).result).toEqual(denied('ticket-missing'))
    expect(run(NEVER_KNOWN).result).toEqual(denied('ticket-missing'))
  })

  test.each([
    {
      reason: 'must-enroll',
      account: buildAccount({ override: { kind: 'must-enroll', reason: undefined } }),
    },
    { reason: 'uid-changed', account: buildAccount({ uid: toUid(4242) }) },
  ])('denies $reason although the ticket is there', ({ reason, account }) => {
    const outcome = run({ ...enrolled, account }, facts, { unenrolled: 'allow' })
    expect(outcome.result).toEqual(denied(reason))
    expect(kindsOf(outcome)).toEqual(['count-denial'])
  })
})
