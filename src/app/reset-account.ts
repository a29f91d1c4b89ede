import { countRecoveryCodes, type KnownAccount } from '../domain/account.ts'
import type { Change } from '../domain/change.ts'
import { ONE_TIME_CODE_KINDS } from '../domain/one-time-code.ts'
import { type AdminInput, type AdminPorts, adminEvent, freshThrottles } from './admin-act.ts'
import { requireKnown } from './known-account.ts'

/** What a reset took away, and what it left. */
export interface ResetReport {
  readonly devices: number
  /** Those that were still unused. */
  readonly recoveryCodes: number
  /** Also a new device lets nobody in. */
  readonly isSuspended: boolean
}

/**
 * After a lost phone: devices, codes, known sources and failures are gone, and nobody gets in under
 * the name before a device is enrolled and confirmed. A suspension stays. Throws ERR_ACCOUNT_UNKNOWN.
 */
export async function resetAccount(ports: AdminPorts, input: AdminInput): Promise<ResetReport> {
  const { result } = await ports.store.transact(input.name, (state, now) => {
    const known = requireKnown(state, input.name)
    const { account, devices, oneTimeCodes } = known
    const isSuspended = account.override?.kind === 'suspended'
    return {
      changes: [
        ...dropProofs(known),
        ...(isSuspended ? [] : [mustEnroll(input)]),
        ...freshThrottles(),
        adminEvent(input, 'reset', now),
      ],
      result: {
        devices: devices.length,
        recoveryCodes: countRecoveryCodes(oneTimeCodes),
        isSuspended,
      },
    }
  })
  return result
}

/** All that a login could be proven or excused with. */
function dropProofs({ devices }: KnownAccount): readonly Change[] {
  return [
    ...devices.map(({ id }) => ({ kind: 'remove-device', deviceId: id }) as const),
    ...ONE_TIME_CODE_KINDS.map((of) => ({ kind: 'remove-one-time-codes', of }) as const),
    { kind: 'remove-sources' },
  ]
}

function mustEnroll({ reason }: AdminInput): Change {
  return { kind: 'set-override', override: { kind: 'must-enroll', reason } }
}
