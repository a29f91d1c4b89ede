import { AppError } from '../base/errors.ts'
import { toPrintable } from '../base/text.ts'
import { type AdminInput, type AdminPorts, adminEvent } from './admin-act.ts'
import { requireKnown } from './known-account.ts'

/**
 * Ends a suspension. What stood before it is not kept, so no override stands after it. Throws
 * ERR_ACCOUNT_UNKNOWN, and ERR_REFUSED for somebody who is not suspended.
 */
export async function resumeAccount(ports: AdminPorts, input: AdminInput): Promise<void> {
  await ports.store.transact(input.name, (state, now) => {
    if (requireKnown(state, input.name).account.override?.kind !== 'suspended') {
      const user = toPrintable(input.name)
      throw new AppError('ERR_REFUSED', `${user} is not suspended`, {
        hint: `see: otpgate show ${user}`,
      })
    }
    return {
      changes: [{ kind: 'set-override', override: undefined }, adminEvent(input, 'resume', now)],
      result: undefined,
    }
  })
}
