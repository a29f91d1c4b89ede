import { deviceSecretContext } from '../../src/app/device-secret.ts'
import { decodeBase32, RFC4648_ALPHABET } from '../../src/base/base32.ts'
import { loadConfig, openPorts } from '../../src/wire.ts'
import { toAccountName } from './account-fixture.ts'
import type { Authenticator, EnrolledPerson } from './enrolled-person.ts'
import type { Otpgate } from './otpgate-host.ts'

const TIME_LIMIT = { busyMilliseconds: 10_000, beforeCommit: () => {} }

/** Gives an enrolled person one more confirmed device, by way of the store. */
export async function addSecondDevice(
  otpgate: Otpgate,
  { name }: EnrolledPerson,
  app: Authenticator,
  label: string,
): Promise<void> {
  const { store, vault, randomBytes, close } = openPorts(loadConfig(otpgate.configFile), TIME_LIMIT)
  const id = randomBytes(16).toString('hex')
  const secret = decodeBase32(app.secretBase32, RFC4648_ALPHABET) ?? Buffer.alloc(0)
  try {
    await store.transact(toAccountName(name), (state) => {
      const [first] = state.kind === 'known' ? state.devices : []
      if (state.kind !== 'known' || first === undefined) throw new Error(`${name} has no device`)
      const device = { ...first, id, label, confirmedAt: first.createdAt }
      const sealedSecret = vault.seal(secret, deviceSecretContext(state.account, device))
      return {
        changes: [{ kind: 'add-device', device: { ...device, sealedSecret } }],
        result: undefined,
      }
    })
  } finally {
    close()
  }
}
