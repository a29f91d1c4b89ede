import { AppError } from '../base/errors.ts'
import { toPrintable } from '../base/text.ts'
import { type KnownAccount, usableDevices } from '../domain/account.ts'
import type { Change } from '../domain/change.ts'
import type { Device } from '../domain/device.ts'
import { LOGIN_CODE_KINDS } from '../domain/one-time-code.ts'
import { type AdminInput, type AdminPorts, adminEvent } from './admin-act.ts'
import { requireDevice } from './device-label.ts'
import { requireKnown } from './known-account.ts'

export interface RemoveInput extends AdminInput {
  readonly label: string
  /** Also the last one that counts. */
  readonly force: boolean
}

/**
 * Takes one device away. Without the last one that counts nobody gets in under the name before a new
 * one is confirmed, as after a reset; that takes `force`, else ERR_REFUSED. Throws
 * ERR_ACCOUNT_UNKNOWN and ERR_DEVICE_UNKNOWN. The answer: whether it was that last one.
 */
export async function removeDevice(ports: AdminPorts, input: RemoveInput): Promise<boolean> {
  const { result } = await ports.store.transact(input.name, (state, now) => {
    const known = requireKnown(state, input.name)
    const device = requireDevice(known, input.label)
    const isLast = isLastThatCounts(known, device)
    if (isLast && !input.force) throw lastDevice(input)
    return {
      changes: [
        { kind: 'remove-device', deviceId: device.id },
        ...(isLast ? closing(known, input) : []),
        adminEvent(input, 'device-remove', now, device.label),
      ],
      result: isLast,
    }
  })
  return result
}

function isLastThatCounts(known: KnownAccount, device: Device): boolean {
  const [first, ...others] = usableDevices(known)
  return first?.id === device.id && others.length === 0
}

/**
 * A suspension is stricter, and stays. Nothing that was remembered may outlive the device, nor may the
 * codes that stood in for it.
 */
function closing({ account }: KnownAccount, { reason }: RemoveInput): readonly Change[] {
  const forgotten: readonly Change[] = [
    { kind: 'unremember-sources' },
    ...LOGIN_CODE_KINDS.map((of) => ({ kind: 'remove-one-time-codes', of }) as const),
  ]
  if (account.override?.kind === 'suspended') return forgotten
  return [...forgotten, { kind: 'set-override', override: { kind: 'must-enroll', reason } }]
}

function lastDevice({ name, label }: RemoveInput): AppError {
  const user = toPrintable(name)
  return new AppError(
    'ERR_REFUSED',
    `"${toPrintable(label)}" is the last device of ${user} that counts`,
    { hint: `after a lost phone: otpgate reset ${user}; to remove it all the same: --force` },
  )
}
