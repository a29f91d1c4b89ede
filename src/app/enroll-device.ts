import { AppError } from '../base/errors.ts'
import type { UnixSeconds } from '../base/time.ts'
import { type AccountState, usableDevices } from '../domain/account.ts'
import type { Change, Outcome } from '../domain/change.ts'
import {
  type BoundDevice,
  type Device,
  NEW_SECRET_BYTES,
  type OtpParameters,
} from '../domain/device.ts'
import { adminEvent } from './admin-act.ts'
import { deviceSecretContext } from './device-secret.ts'
import { createId } from './id.ts'
import type { Hasher, Now, PasswdEntry, RandomBytes, Store, Vault } from './ports.ts'
import { type MintedCodes, mintRecoveryCodes } from './recovery-codes.ts'

interface EnrollPorts {
  readonly store: Store
  readonly vault: Vault
  readonly hasher: Hasher
  readonly randomBytes: RandomBytes
  readonly now: Now
}

/** Whose device it is to be, and what it is like. */
export interface EnrollInput {
  readonly entry: PasswdEntry
  readonly actor: string
  readonly label: string
  readonly parameters: OtpParameters
  /** The secret of a device that exists; else a new one is made. */
  readonly secret: Buffer | undefined
  /** `--no-confirm`: it counts at once, and the first accepted code confirms it. */
  readonly countsUnconfirmed: boolean
  /** Recovery codes now; for a device to be confirmed they come with the confirmation. */
  readonly mintCodes: boolean
}

/** The new device, with what is shown this one time. */
export interface Enrolled {
  readonly device: Device
  readonly secret: Buffer
  readonly recoveryCodes: readonly string[]
  /** How many enrolments that nobody had confirmed it has taken the place of. */
  readonly replaced: number
}

/**
 * Gives a person their first device. Throws ERR_ACCOUNT_EXISTS when they have one that counts, and
 * ERR_ACCOUNT_UID_CHANGED when codes or devices of another uid stand under the name. A device left
 * unconfirmed before is replaced.
 */
export async function enrollDevice(ports: EnrollPorts, input: EnrollInput): Promise<Enrolled> {
  const secret = input.secret ?? ports.randomBytes(NEW_SECRET_BYTES)
  const device = sealDevice(ports, input, secret)
  const minted = input.mintCodes ? await mintRecoveryCodes(ports) : undefined
  const { result } = await ports.store.transact(input.entry.name, (state, now) => {
    assertEnrollable(state, input.entry)
    return enrollment(state, input, device, minted, now)
  })
  return { device, secret, recoveryCodes: minted?.shown ?? [], replaced: result.replaced }
}

function sealDevice(
  { vault, randomBytes, now }: EnrollPorts,
  { entry, label, parameters, countsUnconfirmed }: EnrollInput,
  secret: Buffer,
): Device {
  const bound: BoundDevice = { ...parameters, id: createId(randomBytes) }
  const device = {
    label,
    sealedSecret: vault.seal(secret, deviceSecretContext(entry, bound)),
    keyId: vault.keyId,
    lastAcceptedStep: undefined,
    createdAt: now(),
    confirmedAt: undefined,
    countsUnconfirmed,
    lastUsedAt: undefined,
  }
  return bound.kind === 'hotp' ? { ...bound, ...device } : { ...bound, ...device, driftSeconds: 0 }
}

function assertEnrollable(state: AccountState, { name, uid }: PasswdEntry): void {
  if (state.kind === 'never-known') return
  if (usableDevices(state).length > 0) {
    throw new AppError('ERR_ACCOUNT_EXISTS', `${name} is enrolled already`, {
      hint: `after a lost phone: otpgate reset ${name}; for new recovery codes: otpgate recovery new ${name}`,
    })
  }
  if (state.account.uid !== uid && state.oneTimeCodes.length > 0) {
    throw new AppError(
      'ERR_ACCOUNT_UID_CHANGED',
      `${name} had uid ${state.account.uid} when it was enrolled and has ${uid} now`,
      { hint: `if this is a new person or a rebuilt host: otpgate reset ${name}, then enroll` },
    )
  }
}

function enrollment(
  state: AccountState,
  input: EnrollInput,
  device: Device,
  minted: MintedCodes | undefined,
  now: UnixSeconds,
): Outcome<Pick<Enrolled, 'replaced'>> {
  const { entry, actor, countsUnconfirmed } = input
  const anchored: readonly Change[] =
    state.kind === 'never-known'
      ? [{ kind: 'create-account', uid: entry.uid, at: now }]
      : [
          ...state.devices.map(({ id }) => ({ kind: 'remove-device', deviceId: id }) as const),
          { kind: 'set-uid', uid: entry.uid },
        ]
  const released: readonly Change[] = countsUnconfirmed
    ? [{ kind: 'set-override', override: undefined }]
    : []
  const codes = minted?.codes ?? []
  return {
    changes: [
      ...anchored,
      ...released,
      { kind: 'add-device', device },
      ...codes.map((code) => ({ kind: 'add-one-time-code', code }) as const),
      adminEvent({ actor, reason: undefined }, 'enroll', now, device.label),
    ],
    result: { replaced: state.kind === 'known' ? state.devices.length : 0 },
  }
}
