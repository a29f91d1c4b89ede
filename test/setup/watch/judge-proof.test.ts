import { describe, expect, test } from 'vitest'
import { addSeconds, toUnixSeconds } from '../../../src/base/time.ts'
import type { AuditRow } from '../../../src/domain/audit-event.ts'
import { hashConnection, issueTicket } from '../../../src/domain/ticket.ts'
import { judgeProof } from '../../../src/setup/watch/judge-proof.ts'

const AT = toUnixSeconds(1_800_000_000)
const SERVICE = 'sshd'
const ROW: AuditRow = {
  ...{ seq: 11, at: AT, actor: 'pam', action: 'login', account: 'alice', outcome: 'accepted' },
  ...{ service: SERVICE, method: 'totp', count: 1, previousHash: '', hash: '' },
}

describe('the proof of a set-up', () => {
  test.each(['totp', 'hotp', 'recovery'])('is a login by %s that went on', (method) => {
    expect(judge({ ...ROW, method })).toMatchObject({ seq: 11 })
  })

  test.each<{ what: string; row: Partial<AuditRow> }>([
    { what: 'a bypass code', row: { method: 'bypass' } },
    { what: 'an excuse', row: { outcome: 'excused' } },
    { what: 'a denial', row: { outcome: 'denied' } },
    { what: 'half a login', row: { outcome: 'unfinished' } },
    { what: 'a login to sudo', row: { service: 'sudo' } },
    { what: 'a device that was confirmed', row: { action: 'confirm', outcome: 'done' } },
  ])('is not $what', ({ row }) => {
    expect(judge({ ...ROW, ...row })).toBeUndefined()
  })

  test('is no login whose ticket is still there', () => {
    const tickets = [ticketOf(AT)]
    expect(judge(ROW, { tickets })).toBeUndefined()
    const later = { ...ROW, seq: 12, at: addSeconds(AT, 2) }
    expect(judgeProof({ ...FACTS, rows: [ROW, later], tickets })).toMatchObject({ seq: 12 })
  })

  test('is no login so old that its ticket would be swept away', () => {
    expect(judge(ROW, { now: addSeconds(AT, 149) })).toBeDefined()
    expect(judge(ROW, { now: addSeconds(AT, 150) })).toBeUndefined()
  })
})

const FACTS = { rows: [ROW], tickets: [], service: SERVICE, now: addSeconds(AT, 1) }

function judge(row: AuditRow, facts: Partial<Parameters<typeof judgeProof>[0]> = {}) {
  return judgeProof({ ...FACTS, ...facts, rows: [row] })
}

function ticketOf(at: typeof AT) {
  const connection = hashConnection('192.0.2.7 50000 192.0.2.1 22')
  return issueTicket(connection, { method: 'totp', provesFirstFactor: false }, at)
}
