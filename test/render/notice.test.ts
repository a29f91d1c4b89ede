import { expect, test } from 'vitest'
import type { AuditRow } from '../../src/domain/audit-event.ts'
import { findNotifyEvent, NOTIFY_EVENTS } from '../../src/domain/notify-event.ts'
import { renderNotice } from '../../src/render/notice.ts'
import { at } from '../store/sample.ts'

const ROW: AuditRow = {
  seq: 7,
  at: at(0),
  actor: 'pam',
  action: 'login',
  outcome: 'accepted',
  account: 'alice',
  count: 1,
  previousHash: '0'.repeat(64),
  hash: '1'.repeat(64),
}
const LOGIN = { service: 'sshd', address: '192.0.2.7' } as const
const ADMIN = { actor: 'root', outcome: 'done' } as const

function wordsOf(fields: Partial<AuditRow>): string | undefined {
  const row = { ...ROW, ...fields }
  const event = findNotifyEvent(row)
  return event && `${event} | ${renderNotice({ kind: 'event', event, row }, 'bastion')}`
}

test.each<[string, Partial<AuditRow>]>([
  [
    'login-recovery | bastion: alice logged in with a recovery code, from 192.0.2.7, service sshd',
    { ...LOGIN, method: 'recovery' },
  ],
  [
    'login-bypass | bastion: alice logged in with a bypass code, from 192.0.2.7, service sshd',
    { ...LOGIN, method: 'bypass' },
  ],
  [
    'login-excused | bastion: alice logged in without a code, by the rule "backup robot", from 192.0.2.7, service sshd',
    { ...LOGIN, outcome: 'excused', method: 'excuse', rule: 'backup robot' },
  ],
  [
    'login-locked | bastion: alice was turned away: locked after too many wrong codes (3 times)',
    { outcome: 'denied', reason: 'locked', count: 3 },
  ],
  [
    'login-throttled | bastion: alice was turned away: has to wait after too many wrong codes, from 192.0.2.7, service sshd',
    { ...LOGIN, outcome: 'denied', reason: 'throttled' },
  ],
  [
    'device-add | bastion: a device was added for alice, device "tab\\x22let", by root',
    { ...ADMIN, action: 'device-add', device: 'tab"let' },
  ],
  [
    'device-resync | bastion: a device of alice was followed anew (refused), by root, reason "code-wrong"',
    { ...ADMIN, action: 'device-resync', outcome: 'denied', reason: 'code-wrong' },
  ],
  [
    'bypass | bastion: a bypass code was issued for $& $1, by root, reason "phone at home"',
    { ...ADMIN, action: 'bypass', account: '$& $1', reason: 'phone at home' },
  ],
])('%s', (words, fields) => {
  expect(wordsOf(fields)).toBe(`${words}, 2026-09-21T14:13:20Z`)
})

test.each<Partial<AuditRow>>([
  { method: 'totp', device: 'phone' },
  { method: 'invitation' },
  { outcome: 'unfinished', method: 'one-time-code' },
  { outcome: 'denied', method: 'code', reason: 'code-wrong' },
  { outcome: 'denied', method: 'recovery', reason: 'code-replayed' },
])('nobody is told of a login with %j', (fields) => {
  expect(wordsOf(fields)).toBeUndefined()
})

test('every event has words, and names the person where there is one', () => {
  const nameless = NOTIFY_EVENTS.filter(
    (event) => !renderNotice({ kind: 'event', event, row: ROW }, 'bastion').includes('alice'),
  )
  expect(nameless).toEqual(['audit-prune', 'restore', 'key-rotate', 'key-export', 'key-import'])
})

test('rows that are missing are counted', () => {
  expect(renderNotice({ kind: 'gap', first: 5, last: 9 }, 'bastion')).toBe(
    'bastion: 5 rows of the audit log, 5 to 9, went before anybody was told of them',
  )
})
