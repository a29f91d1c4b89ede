import { AppError } from '../base/errors.ts'
import { toPrintable } from '../base/text.ts'
import type { UnixSeconds } from '../base/time.ts'
import { type AdminInput, type AdminPorts, adminEvent } from './admin-act.ts'
import { anchorAccount, assertNotSuspended } from './anchor-account.ts'
import { requireKnown } from './known-account.ts'
import type { PasswdEntry } from './ports.ts'

/** Who needs no code for a while, and why. */
export interface WaiveInput extends Omit<AdminInput, 'name'> {
  readonly entry: PasswdEntry
  readonly until: UnixSeconds
}

/**
 * Lets a person, known or not, in without a code until a date; an invitation ends with it. Throws
 * ERR_REFUSED for somebody suspended, and ERR_ACCOUNT_UID_CHANGED.
 */
export async function waiveAccount(ports: AdminPorts, input: WaiveInput): Promise<void> {
  const { entry, reason, until } = input
  await ports.store.transact(entry.name, (state, now) => {
    assertNotSuspended(state, entry)
    return {
      changes: [
        ...anchorAccount(state, entry, now),
        { kind: 'set-override', override: { kind: 'waived', reason, since: now, until } },
        { kind: 'remove-one-time-codes', of: 'invitation' },
        adminEvent(input, 'waive', now),
      ],
      result: undefined,
    }
  })
}

/** Ends a waiver, also one whose date has passed. Throws ERR_ACCOUNT_UNKNOWN and ERR_REFUSED. */
export async function clearWaiver(ports: AdminPorts, input: AdminInput): Promise<void> {
  await ports.store.transact(input.name, (state, now) => {
    if (requireKnown(state, input.name).account.override?.kind !== 'waived') {
      const user = toPrintable(input.name)
      throw new AppError('ERR_REFUSED', `nothing is waived for ${user}`, {
        hint: `see: otpgate show ${user}`,
      })
    }
    return {
      changes: [
        { kind: 'set-override', override: undefined },
        adminEvent(input, 'waive-clear', now),
      ],
      result: undefined,
    }
  })
}
