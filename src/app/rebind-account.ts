import { AppError } from '../base/errors.ts'
import { toPrintable } from '../base/text.ts'
import type { KnownAccount } from '../domain/account.ts'
import type { Change } from '../domain/change.ts'
import type { Uid } from '../domain/name.ts'
import { type AdminInput, type AdminPorts, adminEvent } from './admin-act.ts'
import { deviceSecretContext, openDeviceSecret } from './device-secret.ts'
import { requireKnown } from './known-account.ts'
import type { PasswdEntry, Vault } from './ports.ts'

/** A person as the passwd database has them now. */
export interface RebindInput extends Omit<AdminInput, 'name'> {
  readonly entry: PasswdEntry
}

/** What was moved. */
export interface RebindReport {
  readonly from: Uid
  readonly to: Uid
  readonly devices: number
}

/**
 * Moves a person to the uid they have now, as after the host was rebuilt: secrets are sealed for the
 * uid, so they are sealed anew. Throws ERR_ACCOUNT_UNKNOWN, ERR_REFUSED where the uid is the same,
 * and as `Vault.open` does.
 */
export async function rebindAccount(
  ports: AdminPorts & { readonly vault: Vault },
  input: RebindInput,
): Promise<RebindReport> {
  const { entry } = input
  const { result } = await ports.store.transact(entry.name, (state, now) => {
    const known = requireKnown(state, entry.name)
    const from = assertOtherUid(known, entry)
    return {
      changes: [
        ...resealDevices(ports.vault, known, entry),
        { kind: 'set-uid', uid: entry.uid },
        adminEvent(input, 'rebind', now),
      ],
      result: { from, to: entry.uid, devices: known.devices.length },
    }
  })
  return result
}

/** The uid that the account is bound to. Throws ERR_REFUSED where it is that of `entry`. */
function assertOtherUid({ account }: KnownAccount, { uid }: PasswdEntry): Uid {
  if (account.uid !== uid) return account.uid
  const user = toPrintable(account.name)
  throw new AppError('ERR_REFUSED', `${user} has uid ${uid}, as at enrolment`, {
    hint: `nothing needs to be moved; see: otpgate test ${user}`,
  })
}

/** A step that runs again seals again, with another nonce; only one of the two is stored. */
function resealDevices(vault: Vault, state: KnownAccount, entry: PasswdEntry): readonly Change[] {
  const openSecret = openDeviceSecret(vault, state)
  return state.devices.map((device) => {
    const secret = openSecret(device)
    const sealedSecret = vault.seal(secret, deviceSecretContext(entry, device))
    secret.fill(0)
    return { kind: 'reseal-device', deviceId: device.id, sealedSecret, keyId: vault.keyId }
  })
}
