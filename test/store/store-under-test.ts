import { afterEach, beforeEach, expect } from 'vitest'
import type { Journal, Now, Register, Store, Upkeep } from '../../src/app/ports.ts'
import type { AccountState } from '../../src/domain/account.ts'
import type { Change, Committed } from '../../src/domain/change.ts'
import type { AccountName } from '../../src/domain/name.ts'
import { always, at } from './sample.ts'

/** One connection to a database. */
export interface OpenedStore {
  readonly store: Store
  readonly register: Register
  readonly journal: Journal
  readonly upkeep: Upkeep
  readonly close: () => void
}

/**
 * One database, empty at first. Each `open` is another connection to it, as another process has; `now`
 * is the clock of its host.
 */
export interface StoreDatabase {
  open(now: Now): Promise<OpenedStore>
}

/** The store of the running test. */
export interface StoreUnderTest {
  readonly store: Store
  readonly register: Register
  readonly journal: Journal
  readonly upkeep: Upkeep
  /** A second connection to the same database. */
  readonly other: OpenedStore
  /** Saves the changes in one transaction. */
  apply(name: AccountName, ...changes: readonly Change[]): Promise<Committed<undefined>>
  find(name: AccountName): Promise<AccountState>
}

/** What `expect` says of a promise that broke on a change which does not fit the state. */
export const REFUSED = { code: 'ERR_STORE_FAILED' } as const

/**
 * Gives each test a database of its own, with two connections that are closed after it. The clock of
 * both goes on by a second with each look at it.
 */
export function useStore(create: () => StoreDatabase): () => StoreUnderTest {
  let opened: readonly OpenedStore[] = []
  beforeEach(async () => {
    const database = create()
    let looks = 0
    const now = () => at(looks++)
    opened = [await database.open(now), await database.open(now)]
  })
  afterEach(() => {
    for (const each of opened) each.close()
    opened = []
  })
  return () => {
    const [first, other] = opened
    if (first === undefined || other === undefined) return expect.unreachable('no store is open')
    return {
      ...first,
      other,
      apply: (name, ...changes) => first.store.transact(name, always(...changes)),
      find: (name) => first.register.find(name),
    }
  }
}
