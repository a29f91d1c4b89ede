import { AppError } from '../base/errors.ts'
import { plural, toPrintable } from '../base/text.ts'
import { type KnownAccount, usableDevices } from '../domain/account.ts'
import { type Device, isUsable } from '../domain/device.ts'
import { CODES_PER_ATTEMPT, countRightCodes } from '../domain/device-match.ts'
import { isSameSecret } from '../domain/secret.ts'
import { adminEvent } from './admin-act.ts'
import { uidChanged } from './anchor-account.ts'
import { assertNewLabel } from './device-label.ts'
import { openDeviceSecret } from './device-secret.ts'
import { requireKnown } from './known-account.ts'
import {
  type Enrolled,
  makeDevice,
  type NewDeviceInput,
  type NewDevicePorts,
  removals,
} from './new-device.ts'
import type { PasswdEntry, Vault } from './ports.ts'

export interface AddInput extends NewDeviceInput {
  /** Steps accepted on either side of now. */
  readonly window: number
}

/**
 * Gives an enrolled person a further device; one that was added before and left unconfirmed is
 * replaced. Throws ERR_ACCOUNT_UNKNOWN or ERR_REFUSED for somebody who is not enrolled,
 * ERR_ACCOUNT_UID_CHANGED, ERR_DEVICE_EXISTS for a label or a secret that is there already, and
 * ERR_REFUSED where too many codes would be right in one attempt.
 */
export async function addDevice(ports: NewDevicePorts, input: AddInput): Promise<Enrolled> {
  const { device, secret } = makeDevice(ports, input)
  const { result } = await ports.store.transact(input.entry.name, (state, now) => {
    const known = requireEnrolled(requireKnown(state, input.entry.name), input.entry)
    const kept = usableDevices(known)
    const open = known.devices.filter((each) => !isUsable(each))
    assertNewLabel(kept, device.label, input.entry.name)
    assertNewSecret(ports.vault, known, kept, secret)
    assertFewCodes([...kept, device], input.window)
    const event = adminEvent({ ...input, reason: undefined }, 'device-add', now, device.label)
    return {
      changes: [...removals(open), { kind: 'add-device', device }, event],
      result: { replaced: open.length },
    }
  })
  return { device, secret, recoveryCodes: [], replaced: result.replaced }
}

function requireEnrolled(known: KnownAccount, entry: PasswdEntry): KnownAccount {
  if (known.account.uid !== entry.uid) throw uidChanged(known.account, entry)
  if (usableDevices(known).length > 0) return known
  const user = toPrintable(entry.name)
  throw new AppError('ERR_REFUSED', `${user} has no device yet`, {
    hint: `otpgate enroll ${user}`,
  })
}

/** One secret in two devices would make each of its codes work twice. */
function assertNewSecret(
  vault: Vault,
  known: KnownAccount,
  kept: readonly Device[],
  secret: Buffer,
): void {
  const open = openDeviceSecret(vault, known)
  const twin = kept.find((device) => {
    const other = open(device)
    const isSame = isSameSecret(other, secret)
    other.fill(0)
    return isSame
  })
  if (twin === undefined) return
  throw new AppError('ERR_DEVICE_EXISTS', `"${toPrintable(twin.label)}" has this very secret`, {
    hint: 'each device needs a secret of its own: a code would work twice',
  })
}

function assertFewCodes(devices: readonly Device[], window: number): void {
  const count = countRightCodes(devices, window)
  if (count <= CODES_PER_ATTEMPT) return
  throw new AppError(
    'ERR_REFUSED',
    `${plural(devices.length, 'device')} would make ${count} codes right at a time, and ${CODES_PER_ATTEMPT} may be`,
    { hint: 'remove a device first; or narrow [totp] window, which is for everybody' },
  )
}
