import { type AdminInput, type AdminPorts, adminEvent } from './admin-act.ts'
import { assertNewLabel, requireDevice } from './device-label.ts'
import { requireKnown } from './known-account.ts'

/** Calls a device by another name. Throws ERR_ACCOUNT_UNKNOWN, ERR_DEVICE_UNKNOWN, ERR_DEVICE_EXISTS. */
export async function renameDevice(
  ports: AdminPorts,
  input: AdminInput & { readonly label: string; readonly newLabel: string },
): Promise<void> {
  const { name, label, newLabel } = input
  await ports.store.transact(name, (state, now) => {
    const known = requireKnown(state, name)
    const device = requireDevice(known, label)
    assertNewLabel(known.devices, newLabel, name)
    return {
      changes: [
        { kind: 'rename-device', deviceId: device.id, label: newLabel },
        adminEvent(input, 'device-rename', now, `${label} -> ${newLabel}`),
      ],
      result: undefined,
    }
  })
}
