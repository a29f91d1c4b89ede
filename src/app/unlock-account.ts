import { type AdminInput, type AdminPorts, adminEvent, freshThrottles } from './admin-act.ts'
import { requireKnown } from './known-account.ts'

/** Ends every wait and lock of an account. Throws ERR_ACCOUNT_UNKNOWN. */
export async function unlockAccount(ports: AdminPorts, input: AdminInput): Promise<void> {
  await ports.store.transact(input.name, (state, now) => {
    requireKnown(state, input.name)
    return {
      changes: [...freshThrottles(), adminEvent(input, 'unlock', now)],
      result: undefined,
    }
  })
}
