import { countRecoveryCodes } from '../domain/account.ts'
import type { Change } from '../domain/change.ts'
import { type AdminInput, type AdminPorts, adminEvent, freshThrottles } from './admin-act.ts'
import { requireKnown } from './known-account.ts'

/** What a reset took away. */
export interface ResetReport {
  readonly devices: number
  /** Those that were still unused. */
  readonly recoveryCodes: number
}

/**
 * After a lost phone: devices, codes and failures are gone, and nobody gets in under the name before
 * a device is enrolled and confirmed. Throws ERR_ACCOUNT_UNKNOWN.
 */
export async function resetAccount(ports: AdminPorts, input: AdminInput): Promise<ResetReport> {
  const { name, reason } = input
  const { result } = await ports.store.transact(name, (state, now) => {
    const { devices, oneTimeCodes } = requireKnown(state, name)
    const removed = devices.map(({ id }): Change => ({ kind: 'remove-device', deviceId: id }))
    return {
      changes: [
        ...removed,
        { kind: 'remove-one-time-codes', of: 'recovery' },
        { kind: 'set-override', override: { kind: 'must-enroll', reason } },
        ...freshThrottles(),
        adminEvent(input, 'reset', now),
      ],
      result: { devices: devices.length, recoveryCodes: countRecoveryCodes(oneTimeCodes) },
    }
  })
  return result
}
