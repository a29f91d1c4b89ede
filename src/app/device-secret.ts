import { AppError } from '../base/errors.ts'
import type { Account, AccountState } from '../domain/account.ts'
import type { BoundDevice, Device } from '../domain/device.ts'
import type { SealContext, Vault } from './ports.ts'

/** What a device's secret is sealed for. */
export function deviceSecretContext(
  account: Pick<Account, 'name' | 'uid'>,
  device: BoundDevice,
): SealContext {
  return { kind: 'device-secret', account: account.name, uid: account.uid, device }
}

/** Opens secrets of this account's devices; throws as `Vault.open` does. */
export function openDeviceSecret(vault: Vault, state: AccountState): (device: Device) => Buffer {
  return (device) => {
    if (state.kind === 'never-known') {
      throw new AppError('ERR_SEALED_INVALID', 'a device without an account')
    }
    return vault.open(device.sealedSecret, deviceSecretContext(state.account, device))
  }
}
