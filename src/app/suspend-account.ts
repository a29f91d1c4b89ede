import { type AdminInput, type AdminPorts, adminEvent } from './admin-act.ts'
import { requireKnown } from './known-account.ts'
import type { PasswdEntry } from './ports.ts'

/** Who is to be denied. `entry`: as the passwd database has them, for somebody not known yet. */
export interface SuspendInput extends AdminInput {
  readonly entry: PasswdEntry | undefined
}

/**
 * Denies every login until `resumeAccount`. Devices and recovery codes stay; what was handed out or
 * remembered for a while does not, or it would count again on the day of the return. Throws
 * ERR_ACCOUNT_UNKNOWN for a name that neither the host nor otpgate knows.
 */
export async function suspendAccount(ports: AdminPorts, input: SuspendInput): Promise<void> {
  const { name, reason, entry } = input
  await ports.store.transact(name, (state, now) => {
    const isNew = state.kind === 'never-known' && entry !== undefined
    if (!isNew) requireKnown(state, name)
    return {
      changes: [
        ...(isNew ? [{ kind: 'create-account', uid: entry.uid, at: now } as const] : []),
        { kind: 'set-override', override: { kind: 'suspended', reason } },
        { kind: 'remove-one-time-codes', of: 'invitation' },
        { kind: 'remove-one-time-codes', of: 'bypass' },
        { kind: 'unremember-sources' },
        adminEvent(input, 'suspend', now),
      ],
      result: undefined,
    }
  })
}
