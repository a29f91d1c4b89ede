import { describe, expect, test } from 'vitest'
import { type AuditRow, canonicalAuditRow, loginEvent } from '../../src/domain/audit-event.ts'
import { NOW } from '../support/account-fixture.ts'
import { buildFacts } from '../support/login-fixture.ts'

const ROW: Omit<AuditRow, 'hash'> = {
  seq: 2,
  at: NOW,
  actor: 'pam',
  action: 'login',
  account: 'alice',
  outcome: 'denied',
  count: 1,
  previousHash: 'ab'.repeat(32),
}
const bytesOf = (fields: Partial<AuditRow>) => canonicalAuditRow({ ...ROW, ...fields }).toString()

describe('the bytes that the audit chain covers', () => {
  test('are the same ones forever, or every stored hash breaks', () => {
    expect(bytesOf({})).toBe(
      `["${ROW.previousHash}",2,1800000000,"pam","login","alice",` +
        'null,null,null,null,null,null,"denied",null,null,1]',
    )
  })

  test('differ when any one field differs', () => {
    const variants: Partial<AuditRow>[] = [
      {},
      { seq: 3 },
      { at: loginEvent(buildFacts(), NOW, { outcome: 'denied' }).at, count: 2 },
      { actor: 'root' },
      { action: 'reset' },
      { account: 'bob' },
      { service: 'x' },
      { address: 'x' },
      { method: 'x' },
      { rule: 'x' },
      { device: 'x' },
      { firstFactor: 'x' },
      { outcome: 'accepted' },
      { reason: 'x' },
      { completes: 1 },
      { previousHash: 'cd'.repeat(32) },
    ]
    expect(new Set(variants.map(bytesOf)).size).toBe(variants.length)
  })

  test('keep text apart that runs together to the same', () => {
    expect(bytesOf({ service: 'a","b' })).not.toBe(bytesOf({ service: 'a', address: 'b' }))
    expect(bytesOf({ reason: 'null' })).not.toBe(bytesOf({}))
  })
})

describe('the event of a login', () => {
  test('says where it came from and which first factor it had', () => {
    expect(loginEvent(buildFacts(), NOW, { outcome: 'denied', reason: 'locked' })).toEqual({
      at: NOW,
      actor: 'pam',
      action: 'login',
      service: 'sshd',
      address: '192.0.2.7',
      firstFactor: 'publickey SHA256:key',
      outcome: 'denied',
      reason: 'locked',
    })
  })

  test('leaves out what is not known', () => {
    const facts = buildFacts({ address: undefined, firstFactor: undefined })
    const event = loginEvent(facts, NOW, { outcome: 'denied' })
    expect(Object.keys(event).sort()).toEqual(['action', 'actor', 'at', 'outcome', 'service'])
  })
})
