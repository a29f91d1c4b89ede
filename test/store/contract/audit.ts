import { expect, test } from 'vitest'
import type { AuditAction, AuditEvent, AuditOutcome } from '../../../src/domain/audit-event.ts'
import { ALICE, at, audit, BOB, sampleEvent } from '../sample.ts'
import { REFUSED, type StoreUnderTest } from '../store-under-test.ts'

/** Complete by its type, so that nothing is written which cannot be read. */
const ACTIONS: Readonly<Record<AuditAction, AuditAction>> = {
  login: 'login',
  enroll: 'enroll',
  confirm: 'confirm',
  'show-secret': 'show-secret',
  reset: 'reset',
  unlock: 'unlock',
  'recovery-new': 'recovery-new',
  invite: 'invite',
  waive: 'waive',
  suspend: 'suspend',
  resume: 'resume',
  remove: 'remove',
  rebind: 'rebind',
  bypass: 'bypass',
  'bypass-revoke': 'bypass-revoke',
  'source-revoke': 'source-revoke',
  'device-add': 'device-add',
  'device-rename': 'device-rename',
  'device-remove': 'device-remove',
  'device-resync': 'device-resync',
  'waive-clear': 'waive-clear',
  'audit-prune': 'audit-prune',
  restore: 'restore',
  'key-rotate': 'key-rotate',
  'key-export': 'key-export',
  'key-import': 'key-import',
}
const OUTCOMES: Readonly<Record<AuditOutcome, AuditOutcome>> = {
  accepted: 'accepted',
  excused: 'excused',
  denied: 'denied',
  unfinished: 'unfinished',
  done: 'done',
}

const FULL: AuditEvent = {
  at: at(3),
  actor: 'root',
  action: 'login',
  outcome: 'denied',
  service: 'sshd',
  address: '2001:db8::1',
  method: 'totp',
  rule: 'office',
  device: 'phone',
  firstFactor: 'publickey',
  reason: 'code-wrong',
  completes: 1,
}

const STRANGE_TEXTS = [
  '',
  "it's",
  '"quoted" \\ back',
  'two\nlines\r\n',
  'a\u0000b',
  '\ufeffmarked',
  'Zoë 日本 🔑 e\u0301',
  "'; DELETE FROM audit; --",
  'x'.repeat(10_000),
]

/** Rows, their places in the chain, and what they can hold. */
export function testAudit(current: () => StoreUnderTest): void {
  test('with rows that say what was meant, whole and in order', async () => {
    const { apply, journal } = current()
    await apply(ALICE, audit({ actor: 'first' }))
    await apply(BOB, { kind: 'append-audit', event: FULL })
    const rows = await journal.read({}, 0, 10)
    expect(rows).toMatchObject([
      { ...sampleEvent({ actor: 'first' }), seq: 1, account: 'alice', count: 1 },
      { ...FULL, seq: 2, account: 'bob', count: 1, previousHash: rows[0]?.hash },
    ])
    expect(Object.keys(rows[0] ?? {}).sort()).toEqual(
      [
        'account',
        'action',
        'actor',
        'at',
        'count',
        'hash',
        'outcome',
        'previousHash',
        'seq',
      ].sort(),
    )
    expect(rows.map(({ hash }) => hash)).toEqual([
      expect.stringMatching(/^[0-9a-f]{64}$/),
      expect.stringMatching(/^[0-9a-f]{64}$/),
    ])
  })

  test('and stamps an answer with the place of its last row', async () => {
    const { apply, journal } = current()
    const first = await apply(ALICE, audit(), audit())
    const second = await apply(ALICE, audit(), { kind: 'remove-one-time-codes', of: 'recovery' })
    const rows = await journal.read({}, 0, 10)
    expect([first.audit, second.audit]).toEqual([
      { seq: 2, hash: rows[1]?.hash },
      { seq: 3, hash: rows[2]?.hash },
    ])
  })

  test('without the rows of a step that failed, and without a gap where they would be', async () => {
    const { apply, journal } = current()
    await apply(ALICE, audit())
    const failing = apply(ALICE, audit(), { kind: 'record-login', at: at(0) })
    await expect(failing).rejects.toMatchObject(REFUSED)
    expect((await apply(ALICE, audit())).audit).toMatchObject({ seq: 2 })
    expect(await journal.verify()).toEqual({ rows: 2, problem: undefined })
  })

  test('and vouches for an empty log', async () => {
    expect(await current().journal.verify()).toEqual({ rows: 0, problem: undefined })
  })

  test('for every action and every outcome there is', async () => {
    const { apply, journal } = current()
    const rows = Object.values(ACTIONS).flatMap((action) =>
      Object.values(OUTCOMES).map((outcome) => ({ action, outcome })),
    )
    await apply(ALICE, ...rows.map(audit))
    expect(await journal.read({}, 0, 1000)).toMatchObject(rows)
    expect(await journal.verify()).toEqual({ rows: rows.length, problem: undefined })
  })

  test.each(STRANGE_TEXTS)('with text as it is: %j', async (text) => {
    const { apply, journal } = current()
    const event = sampleEvent({ actor: text, reason: text, device: text, rule: text })
    await apply(ALICE, { kind: 'append-audit', event })
    expect(await journal.read({}, 0, 10)).toMatchObject([event])
    expect(await journal.verify()).toEqual({ rows: 1, problem: undefined })
  })
}
