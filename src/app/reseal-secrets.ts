import type { AccountState, KnownAccount } from '../domain/account.ts'
import type { Change } from '../domain/change.ts'
import { allAccounts } from './check-secrets.ts'
import { deviceSecretContext, openDeviceSecret } from './device-secret.ts'
import type { Pause, Register, Store, Vault } from './ports.ts'

/** Accounts in one transaction: a login waits for some hundredths of a second. */
const ACCOUNTS_AT_ONCE = 100

export interface ResealPorts {
  readonly register: Register
  readonly store: Store
  /** Opens by whichever key a value names, and seals by the one that stays. */
  readonly vault: Vault
  readonly pause: Pause
}

/**
 * Seals every secret of another key by that of the vault, some people at a time; `onProgress` is told how
 * many are done. Ended in the middle, it leaves less to do. Throws as `Vault.open`, and ERR_STORE_*.
 */
export async function resealSecrets(
  ports: ResealPorts,
  onProgress: (secrets: number) => void,
): Promise<number> {
  const { register, pause } = ports
  let done = 0
  let waiting: KnownAccount[] = []
  const flush = async () => {
    done += await resealTogether(ports, waiting)
    waiting = []
    onProgress(done)
  }
  for await (const state of allAccounts(register)) {
    if (findOthers(ports.vault, state).length > 0) waiting.push(state)
    if (waiting.length < ACCOUNTS_AT_ONCE) continue
    await flush()
    await pause()
  }
  if (waiting.length > 0) await flush()
  return done
}

/** Asked for in one turn, so that they share a transaction; each is looked at anew in it. */
async function resealTogether(
  { store, vault }: ResealPorts,
  states: readonly KnownAccount[],
): Promise<number> {
  const all = states.map(({ account }) =>
    store.transact(account.name, (state) => {
      const changes = resealDevices(vault, state)
      return { changes, result: changes.length }
    }),
  )
  // Nobody is left behind to run on while an error is told.
  await Promise.allSettled(all)
  const committed = await Promise.all(all)
  return committed.reduce((sum, { result }) => sum + result, 0)
}

/** A step that runs again seals again, with another nonce; only one of the two is stored. */
function resealDevices(vault: Vault, state: AccountState): readonly Change[] {
  if (state.kind === 'never-known') return []
  const openSecret = openDeviceSecret(vault, state)
  return findOthers(vault, state).map((device) => {
    const secret = openSecret(device)
    const sealedSecret = vault.seal(secret, deviceSecretContext(state.account, device))
    secret.fill(0)
    return { kind: 'reseal-device', deviceId: device.id, sealedSecret, keyId: vault.keyId }
  })
}

function findOthers({ keyId }: Vault, { devices }: Pick<KnownAccount, 'devices'>) {
  return devices.filter((device) => device.keyId !== keyId)
}
