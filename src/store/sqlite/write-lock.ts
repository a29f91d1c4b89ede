import type Database from 'better-sqlite3'
import type { UnixSeconds } from '../../base/time.ts'
import type { TransactionTiming } from './batch.ts'
import { toStoreError } from './sqlite-error.ts'

/** Runs `act` in an exclusive transaction of its own; `now` was read when it had the lock. */
export type WithLock = <T>(act: (now: UnixSeconds) => T) => T

/** Transactions that no step of an account is in. Throws ERR_STORE_*, and what `beforeCommit` does. */
export function createWriteLock(
  db: Database.Database,
  { now, beforeCommit }: TransactionTiming,
): WithLock {
  return (act) => {
    const run = () => {
      const result = act(now())
      beforeCommit()
      return result
    }
    try {
      return db.transaction(run).immediate()
    } catch (error) {
      throw toStoreError(error)
    }
  }
}
