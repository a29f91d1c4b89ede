import { AppError, type ErrorCode } from '../base/errors.ts'
import type { KnownAccount } from '../domain/account.ts'
import { openDeviceSecret } from './device-secret.ts'
import type { Register, Vault } from './ports.ts'

const PAGE = 500

/** What opening every sealed secret came to. */
export interface SecretCheck {
  readonly secrets: number
  readonly unopened: readonly UnopenedSecret[]
}

/** A device that nobody can log in with. */
export interface UnopenedSecret {
  readonly user: string
  readonly device: string
  readonly code: ErrorCode
}

/** Opens the secret of every device once, and overwrites it at once. */
export async function checkSecrets(register: Register, vault: Vault): Promise<SecretCheck> {
  const unopened: UnopenedSecret[] = []
  let secrets = 0
  for await (const state of allAccounts(register)) {
    secrets += state.devices.length
    unopened.push(...findUnopened(vault, state))
  }
  return { secrets, unopened }
}

/** Everybody, in byte order of their names. */
export async function* allAccounts(register: Register): AsyncGenerator<KnownAccount> {
  let page = await register.page(undefined, PAGE)
  while (page.length > 0) {
    for (const { account } of page) {
      const state = await register.find(account.name)
      if (state.kind === 'known') yield state
    }
    page = await register.page(page.at(-1)?.account.name, PAGE)
  }
}

function findUnopened(vault: Vault, state: KnownAccount): readonly UnopenedSecret[] {
  const open = openDeviceSecret(vault, state)
  return state.devices.flatMap((device) => {
    try {
      open(device).fill(0)
      return []
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      return { user: state.account.name, device: device.label, code: error.code }
    }
  })
}
