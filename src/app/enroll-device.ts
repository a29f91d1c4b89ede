import { AppError } from '../base/errors.ts'
import { toPrintable } from '../base/text.ts'
import type { UnixSeconds } from '../base/time.ts'
import { type AccountState, usableDevices } from '../domain/account.ts'
import type { Change, Outcome } from '../domain/change.ts'
import type { Device } from '../domain/device.ts'
import { overrideAfterEnrolling } from '../domain/override.ts'
import { adminEvent } from './admin-act.ts'
import { uidChanged } from './anchor-account.ts'
import { assertFreeSelectors, mintAgain } from './mint-again.ts'
import {
  type Enrolled,
  makeDevice,
  type NewDeviceInput,
  type NewDevicePorts,
  removals,
} from './new-device.ts'
import type { PasswdEntry } from './ports.ts'
import { type MintedCodes, mintRecoveryCodes } from './recovery-codes.ts'

export interface EnrollInput extends NewDeviceInput {
  /** Recovery codes now; for a device to be confirmed they come with the confirmation. */
  readonly mintCodes: boolean
}

/**
 * Gives a person their first device. Throws ERR_ACCOUNT_EXISTS when they have one that counts, and
 * ERR_ACCOUNT_UID_CHANGED when codes or devices of another uid stand under the name. A device left
 * unconfirmed before is replaced.
 */
export async function enrollDevice(ports: NewDevicePorts, input: EnrollInput): Promise<Enrolled> {
  const { device, secret } = makeDevice(ports, input)
  return mintAgain(async () => {
    const minted = input.mintCodes ? await mintRecoveryCodes(ports) : undefined
    const { result } = await ports.store.transact(input.entry.name, (state, now) => {
      assertEnrollable(state, input.entry)
      assertFreeSelectors(state.kind === 'known' ? state.oneTimeCodes : [], minted?.codes ?? [])
      return enrollment(state, input, device, minted, now)
    })
    return { device, secret, recoveryCodes: minted?.shown ?? [], replaced: result.replaced }
  })
}

function assertEnrollable(state: AccountState, entry: PasswdEntry): void {
  if (state.kind === 'never-known') return
  if (usableDevices(state).length > 0) {
    const user = toPrintable(entry.name)
    throw new AppError('ERR_ACCOUNT_EXISTS', `${user} is enrolled already`, {
      hint: `after a lost phone: otpgate reset ${user} --enroll; for new recovery codes: otpgate recovery new ${user}`,
    })
  }
  const isOther = state.account.uid !== entry.uid
  if (isOther && state.oneTimeCodes.length > 0) throw uidChanged(state.account, entry)
}

function enrollment(
  state: AccountState,
  { entry, actor, countsUnconfirmed }: EnrollInput,
  device: Device,
  minted: MintedCodes | undefined,
  now: UnixSeconds,
): Outcome<Pick<Enrolled, 'replaced'>> {
  const anchored: readonly Change[] =
    state.kind === 'never-known'
      ? [{ kind: 'create-account', uid: entry.uid, at: now }]
      : [...removals(state.devices), { kind: 'set-uid', uid: entry.uid }]
  const override = state.kind === 'known' ? state.account.override : undefined
  const released: readonly Change[] = countsUnconfirmed
    ? [{ kind: 'set-override', override: overrideAfterEnrolling(override) }]
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
