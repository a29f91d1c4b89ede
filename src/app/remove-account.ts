import { countRecoveryCodes } from '../domain/account.ts'
import { type AdminInput, type AdminPorts, adminEvent } from './admin-act.ts'
import { requireKnown } from './known-account.ts'
import type { ResetReport } from './reset-account.ts'

/** Forgets a person, but for the audit: from then on never known. Throws ERR_ACCOUNT_UNKNOWN. */
export async function removeAccount(
  ports: AdminPorts,
  input: AdminInput,
): Promise<Pick<ResetReport, 'devices' | 'recoveryCodes'>> {
  const { result } = await ports.store.transact(input.name, (state, now) => {
    const { devices, oneTimeCodes } = requireKnown(state, input.name)
    return {
      changes: [{ kind: 'remove-account' }, adminEvent(input, 'remove', now)],
      result: { devices: devices.length, recoveryCodes: countRecoveryCodes(oneTimeCodes) },
    }
  })
  return result
}
