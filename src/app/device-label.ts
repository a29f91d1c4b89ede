import { AppError } from '../base/errors.ts'
import { toPrintable } from '../base/text.ts'
import type { KnownAccount } from '../domain/account.ts'
import type { Device } from '../domain/device.ts'

/** The device of this label. Throws ERR_DEVICE_UNKNOWN with those there are. */
export function requireDevice({ account, devices }: KnownAccount, label: string): Device {
  const device = devices.find((each) => each.label === label)
  if (device !== undefined) return device
  const user = toPrintable(account.name)
  const labels = devices.map((each) => toPrintable(each.label)).join(', ')
  throw new AppError('ERR_DEVICE_UNKNOWN', `${user} has no such device`, {
    hint: labels === '' ? `otpgate enroll ${user}` : `there is: ${labels}`,
  })
}

/** Throws ERR_DEVICE_EXISTS where one of the devices is called so. */
export function assertNewLabel(devices: readonly Device[], label: string, name: string): void {
  if (devices.every((device) => device.label !== label)) return
  throw new AppError(
    'ERR_DEVICE_EXISTS',
    `${toPrintable(name)} has a device "${toPrintable(label)}" already`,
    { hint: `choose another label; see: otpgate device list ${toPrintable(name)}` },
  )
}
