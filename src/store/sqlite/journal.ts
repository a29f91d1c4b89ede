import type { Journal } from '../../app/ports.ts'
import { toAuditRow } from './audit-row.ts'
import { type Chain, findNewestAt, findPrunable, pruneFront } from './prune.ts'
import { isRow } from './row.ts'
import { toStoreError } from './sqlite-error.ts'
import { verifyChain, verifyChainEnd } from './verify-chain.ts'
import type { WithLock } from './write-lock.ts'

/** Reads the `audit` table, and shortens it. */
export function createJournal(chain: Chain, withLock: WithLock): Journal {
  const { db, key } = chain
  const select = db.prepare(
    `SELECT * FROM audit WHERE seq > :afterSeq
       AND (:account IS NULL OR account = :account) AND (:since IS NULL OR at >= :since)
       AND (:outcome IS NULL OR outcome = :outcome)
     ORDER BY seq LIMIT :limit`,
  )

  async function view<T>(look: () => T): Promise<T> {
    try {
      return db.transaction(look).deferred()
    } catch (error) {
      throw toStoreError(error)
    }
  }

  return {
    async read(filter, afterSeq, limit) {
      try {
        const { account = null, since = null } = filter
        const outcome = filter.withoutCode ? 'excused' : null
        return select
          .all({ account, since, outcome, afterSeq, limit })
          .filter(isRow)
          .map(toAuditRow)
      } catch (error) {
        throw toStoreError(error)
      }
    },
    verify: () => view(() => verifyChain(db, key)),
    verifyEnd: (rows) => view(() => verifyChainEnd(db, key, rows)),
    findNewestAt: () => view(() => findNewestAt(db)),
    findPrunable: (before, now) => view(() => findPrunable(db, before, now)),
    prune: async (order, limit) => withLock((now) => pruneFront(chain, order, limit, now)),
  }
}
