import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AuditRow } from '../../../src/domain/audit-event.ts'
import { findNewestSeq } from '../../../src/setup/ssh/newest-row.ts'

/** A log of rows with these numbers; how often it was asked. */
function logOf(seqs: readonly number[]) {
  let asked = 0
  const read = async (_: object, after: number): Promise<readonly AuditRow[]> => {
    asked++
    // Only that there is a row matters.
    return seqs.some((seq) => seq > after) ? [JSON.parse('{}')] : []
  }
  return { read, asked: () => asked }
}

describe('findNewestSeq', () => {
  test('finds the newest row, whatever was pruned from the front', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.integer({ min: 1, max: 5000 })), async (seqs) => {
        expect(await findNewestSeq(logOf(seqs))).toBe(Math.max(0, ...seqs))
      }),
    )
  })

  test('asks a log of a million rows a few times', async () => {
    const log = logOf([1_000_000])
    await findNewestSeq(log)
    expect(log.asked()).toBeLessThan(50)
  })
})
