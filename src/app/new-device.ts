import type { Change } from '../domain/change.ts'
import {
  type BoundDevice,
  type Device,
  NEW_SECRET_BYTES,
  type OtpParameters,
} from '../domain/device.ts'
import { deviceSecretContext } from './device-secret.ts'
import { createId } from './id.ts'
import type { Hasher, Now, PasswdEntry, RandomBytes, Store, Vault } from './ports.ts'

/** What making a device takes. */
export interface NewDevicePorts {
  readonly store: Store
  readonly vault: Vault
  readonly hasher: Hasher
  readonly randomBytes: RandomBytes
  readonly now: Now
}

/** Whose device it is to be, and what it is like. */
export interface NewDeviceInput {
  readonly entry: PasswdEntry
  readonly actor: string
  readonly label: string
  readonly parameters: OtpParameters
  /** The secret of a device that exists; else a new one is made. */
  readonly secret: Buffer | undefined
  /** `--no-confirm`: it counts at once, and the first accepted code confirms it. */
  readonly countsUnconfirmed: boolean
}

/** The new device, with what is shown this one time. */
export interface Enrolled {
  readonly device: Device
  readonly secret: Buffer
  readonly recoveryCodes: readonly string[]
  /** How many devices that nobody had confirmed it has taken the place of. */
  readonly replaced: number
}

/** The device with its sealed secret, and the secret. */
export function makeDevice(
  { vault, randomBytes, now }: Pick<NewDevicePorts, 'vault' | 'randomBytes' | 'now'>,
  { entry, label, parameters, countsUnconfirmed, ...given }: NewDeviceInput,
): Pick<Enrolled, 'device' | 'secret'> {
  const secret = given.secret ?? randomBytes(NEW_SECRET_BYTES)
  const bound: BoundDevice = { ...parameters, id: createId(randomBytes) }
  const common = {
    label,
    sealedSecret: vault.seal(secret, deviceSecretContext(entry, bound)),
    keyId: vault.keyId,
    lastAcceptedStep: undefined,
    createdAt: now(),
    confirmedAt: undefined,
    countsUnconfirmed,
    lastUsedAt: undefined,
  }
  const device: Device =
    bound.kind === 'hotp' ? { ...bound, ...common } : { ...bound, ...common, driftSeconds: 0 }
  return { device, secret }
}

/** Takes devices away. */
export function removals(devices: readonly Device[]): readonly Change[] {
  return devices.map(({ id }) => ({ kind: 'remove-device', deviceId: id }))
}
