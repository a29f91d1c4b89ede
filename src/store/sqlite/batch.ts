import type Database from 'better-sqlite3'
import type { Now, Step, Store } from '../../app/ports.ts'
import type { UnixSeconds } from '../../base/time.ts'
import type { AttemptId } from '../../domain/attempt.ts'
import type { AuditStamp, Committed } from '../../domain/change.ts'
import type { AccountName } from '../../domain/name.ts'
import { applyChange } from './apply.ts'
import { type GatherLimit, gather } from './gather.ts'
import { openSchemaCheck } from './migrate.ts'
import { MIGRATIONS } from './migrations/list.ts'
import { toStoreError } from './sqlite-error.ts'
import { loadState, type Tables } from './tables.ts'

/** What ties a transaction to the time around it. */
export interface TransactionTiming {
  /** Called once in each transaction, when it holds the lock: the time of all its steps. */
  readonly now: Now
  /** Called in each transaction right before COMMIT; throws to give it up. */
  readonly beforeCommit: () => void
  /** How long to wait for more steps to share the commit; without it, one turn of the event loop. */
  readonly gathering?: GatherLimit | undefined
}

/** What one caller wants done in a transaction. */
interface Request<T> {
  readonly name: AccountName
  readonly step: Step<T>
  readonly attempt: AttemptId | undefined
}

interface Pending {
  /** Runs the step and applies its changes; keeps the answer or the error for `settle`. */
  readonly run: (now: UnixSeconds) => void
  /** Answers the caller: after COMMIT, or with what broke the whole batch. */
  readonly settle: (broken?: { readonly error: unknown }) => void
}

/**
 * The store's transactions. Steps that are gathered share one commit, each in a savepoint of its own,
 * so that one that throws takes nothing of the others with it.
 */
export function createStore(
  db: Database.Database,
  tables: Tables,
  { now, beforeCommit, gathering }: TransactionTiming,
): Store {
  const assertOurSchema = openSchemaCheck(db, MIGRATIONS.length)
  const commit = db.transaction((batch: readonly Pending[]) => {
    // A newer program may have migrated the file under a process that stays.
    assertOurSchema()
    // BEGIN IMMEDIATE has waited for the lock: whoever wrote before has read the clock before.
    const begun = now()
    for (const pending of batch) pending.run(begun)
    beforeCommit()
  })
  // One for all: to make such a function takes longer than a savepoint.
  const savepoint = db.transaction((act: () => void) => act())
  const add = gather<Pending>((batch) => commitAll(commit.immediate, batch), gathering)
  return {
    transact<T>(name: AccountName, step: Step<T>, attempt?: AttemptId) {
      return new Promise<Committed<T>>((resolve, reject) => {
        const run = (begun: UnixSeconds) => runStep(tables, { name, step, attempt }, begun)
        add(toPending({ db, savepoint }, run, resolve, reject))
      })
    },
  }
}

function commitAll(commit: (batch: readonly Pending[]) => void, batch: readonly Pending[]): void {
  try {
    commit(batch)
  } catch (error) {
    const broken = { error: toStoreError(error) }
    for (const pending of batch) pending.settle(broken)
    return
  }
  for (const pending of batch) pending.settle()
}

interface Transaction {
  readonly db: Database.Database
  /** Undoes what `act` has changed where it throws, and nothing else. */
  readonly savepoint: (act: () => void) => void
}

function toPending<T>(
  { db, savepoint }: Transaction,
  run: (begun: UnixSeconds) => Committed<T>,
  resolve: (committed: Committed<T>) => void,
  reject: (error: unknown) => void,
): Pending {
  let answer: () => void = () => reject(new TypeError('the step has not run'))
  return {
    run(begun) {
      try {
        savepoint(() => {
          const committed = run(begun)
          answer = () => resolve(committed)
        })
      } catch (error) {
        // SQLite may have ended the whole transaction: then the batch is lost, not only this step.
        if (!db.inTransaction) throw error
        answer = () => reject(toStoreError(error))
      }
    },
    settle: (broken) => (broken === undefined ? answer() : reject(broken.error)),
  }
}

function runStep<T>(
  tables: Tables,
  { name, step, attempt }: Request<T>,
  now: UnixSeconds,
): Committed<T> {
  const kept = attempt && tables.attempt.find(name, attempt, now)
  const { changes, result } = step(loadState(tables, name), now, kept)
  let audit: AuditStamp | undefined
  for (const change of changes) audit = applyChange(tables, name, change, audit) ?? audit
  return { result, audit }
}
