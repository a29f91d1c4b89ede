import { AppError } from '../base/errors.ts'
import type { UnixSeconds } from '../base/time.ts'
import type { AccountState } from '../domain/account.ts'
import type { PasswdEntry, Store } from './ports.ts'

/** Throws where the person may not change anything in this state. */
export type AssertOpen = (state: AccountState, now: UnixSeconds) => void

/**
 * The store as far as it is one person's to change: no other account, and only while `assertOpen`
 * holds, which every transaction asks anew. A dialogue takes minutes, and an admin may reset or
 * suspend the person meanwhile: what was proven before counts no more then.
 */
export function narrowStore(store: Store, { name }: PasswdEntry, assertOpen: AssertOpen): Store {
  return {
    transact: async (wanted, step) => {
      if (wanted !== name) throw new AppError('ERR_NOT_PERMITTED', 'this is not your own account')
      return store.transact(name, (state, now) => {
        assertOpen(state, now)
        return step(state, now)
      })
    },
  }
}
