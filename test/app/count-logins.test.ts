import { describe, expect, test } from 'vitest'
import { countLogins } from '../../src/app/count-logins.ts'
import type { AuditFilter } from '../../src/app/ports.ts'
import { addSeconds } from '../../src/base/time.ts'
import type { AuditRow } from '../../src/domain/audit-event.ts'
import { NOW } from '../support/account-fixture.ts'

/** A login that was denied, at a time and in a place of the log that follow from `seq`. */
function row(seq: number, fields: Partial<AuditRow> = {}): AuditRow {
  const hashes = { previousHash: '', hash: '' }
  const login = { actor: 'pam', action: 'login', outcome: 'denied', account: 'alice' } as const
  return { seq, at: addSeconds(NOW, seq), count: 1, ...login, ...hashes, ...fields }
}

function journalOf(rows: readonly AuditRow[]) {
  return {
    read: async ({ since = NOW }: AuditFilter, afterSeq: number, limit: number) =>
      rows.filter(({ seq, at }) => seq > afterSeq && at >= since).slice(0, limit),
  }
}

describe('counting logins', () => {
  test('takes only logins, and only those since then', async () => {
    const rows = [
      row(1, { outcome: 'accepted' }),
      row(2, { outcome: 'accepted' }),
      row(3, { outcome: 'excused' }),
      row(4, { action: 'enroll', outcome: 'done', actor: 'root' }),
      row(5),
    ]
    expect(await countLogins(journalOf(rows), addSeconds(NOW, 2))).toEqual({
      accepted: 1,
      excused: 1,
      denied: 1,
      unfinished: 0,
    })
  })

  test('counts a row that stands for many as many', async () => {
    const { denied } = await countLogins(journalOf([row(1, { count: 40 }), row(2)]), NOW)
    expect(denied).toBe(41)
  })

  test('counts two rows of one login once, by its end; and one whose end never came', async () => {
    const rows = [
      row(1, { outcome: 'unfinished' }),
      row(2, { outcome: 'unfinished' }),
      row(3, { outcome: 'accepted', completes: 1 }),
    ]
    const counts = await countLogins(journalOf(rows), NOW)
    expect(counts).toEqual({ accepted: 1, excused: 0, denied: 0, unfinished: 1 })
  })

  test('reads on behind the first page', async () => {
    const rows = Array.from({ length: 1201 }, (_, index) => row(index + 1))
    expect((await countLogins(journalOf(rows), NOW)).denied).toBe(1201)
  })
})
