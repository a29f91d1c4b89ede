import { AppError } from '../base/errors.ts'
import { usableDevices } from '../domain/account.ts'
import { type AdminInput, type AdminPorts, adminEvent } from './admin-act.ts'
import { requireKnown } from './known-account.ts'
import { assertFreeSelectors, keptBeside, mintAgain } from './mint-again.ts'
import { type MintPorts, mintRecoveryCodes } from './recovery-codes.ts'

/**
 * Replaces all recovery codes by ten new ones, given as they are to be shown. Throws
 * ERR_ACCOUNT_UNKNOWN, and ERR_REFUSED for somebody without a device: a recovery code is a second way
 * in, not the first.
 */
export async function renewRecoveryCodes(
  ports: AdminPorts & MintPorts,
  input: AdminInput,
): Promise<readonly string[]> {
  return mintAgain(() => renewOnce(ports, input))
}

async function renewOnce(
  ports: AdminPorts & MintPorts,
  input: AdminInput,
): Promise<readonly string[]> {
  const minted = await mintRecoveryCodes(ports)
  await ports.store.transact(input.name, (state, now) => {
    if (usableDevices(requireKnown(state, input.name)).length === 0) {
      throw new AppError('ERR_REFUSED', `${input.name} has no device`, {
        hint: `otpgate enroll ${input.name}`,
      })
    }
    assertFreeSelectors(keptBeside(state, 'recovery'), minted.codes)
    return {
      changes: [
        { kind: 'remove-one-time-codes', of: 'recovery' },
        ...minted.codes.map((code) => ({ kind: 'add-one-time-code', code }) as const),
        adminEvent(input, 'recovery-new', now),
      ],
      result: undefined,
    }
  })
  return minted.shown
}
