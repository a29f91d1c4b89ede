import { AppError } from '../base/errors.ts'
import { toPrintable } from '../base/text.ts'
import type { KnownAccount } from '../domain/account.ts'
import type { Device } from '../domain/device.ts'
import { type AdminInput, type AdminPorts, adminEvent } from './admin-act.ts'
import { openDeviceSecret } from './device-secret.ts'
import { requireKnown } from './known-account.ts'
import type { Vault } from './ports.ts'

export interface ShownSecret {
  readonly device: Device
  readonly secret: Buffer
}

/**
 * The secret of a device, to scan it once more; on the record before it is given. Throws
 * ERR_ACCOUNT_UNKNOWN, and ERR_DEVICE_UNKNOWN when there is none, or several and no `label`.
 */
export async function showSecret(
  ports: AdminPorts & { readonly vault: Vault },
  input: AdminInput & { readonly label: string | undefined },
): Promise<ShownSecret> {
  const { result } = await ports.store.transact(input.name, (state, now) => {
    const known = requireKnown(state, input.name)
    const device = chooseDevice(known, input.label)
    const secret = openDeviceSecret(ports.vault, known)(device)
    return {
      changes: [adminEvent(input, 'show-secret', now, device.label)],
      result: { device, secret },
    }
  })
  return result
}

function chooseDevice({ account, devices }: KnownAccount, label: string | undefined): Device {
  const matching = devices.filter((device) => label === undefined || device.label === label)
  const [device, another] = matching
  const labels = devices.map((each) => toPrintable(each.label)).join(', ')
  if (device === undefined) {
    throw new AppError('ERR_DEVICE_UNKNOWN', `${account.name} has no such device`, {
      hint: labels === '' ? `otpgate enroll ${account.name}` : `there is: ${labels}`,
    })
  }
  if (another !== undefined) {
    throw new AppError('ERR_DEVICE_UNKNOWN', `${account.name} has several devices`, {
      hint: `choose one with --device: ${labels}`,
    })
  }
  return device
}
