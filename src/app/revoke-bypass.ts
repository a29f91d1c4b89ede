import { AppError } from '../base/errors.ts'
import { toPrintable } from '../base/text.ts'
import type { AccountName } from '../domain/name.ts'
import type { OneTimeCode } from '../domain/one-time-code.ts'
import { type AdminInput, type AdminPorts, adminEvent } from './admin-act.ts'
import { requireKnown } from './known-account.ts'

/** `only`: the one there is. `by-id`: the one whose id begins like this. */
export type BypassChoice =
  | { readonly kind: 'all' }
  | { readonly kind: 'only' }
  | { readonly kind: 'by-id'; readonly prefix: string }

/**
 * Takes bypass codes back; how many. Throws ERR_ACCOUNT_UNKNOWN, and ERR_CODE_UNKNOWN where there is
 * none such, or several; `all` of none is fine.
 */
export async function revokeBypass(
  ports: AdminPorts,
  input: AdminInput & { readonly choice: BypassChoice },
): Promise<number> {
  const { result } = await ports.store.transact(input.name, (state, now) => {
    const { oneTimeCodes } = requireKnown(state, input.name)
    const issued = oneTimeCodes.filter(({ kind }) => kind === 'bypass')
    const chosen = chooseCodes(issued, input.choice, input.name)
    if (chosen.length === 0) return { changes: [], result: 0 }
    return {
      changes: [
        ...chosen.map(({ id }) => ({ kind: 'remove-one-time-code', codeId: id }) as const),
        adminEvent(input, 'bypass-revoke', now),
      ],
      result: chosen.length,
    }
  })
  return result
}

function chooseCodes(
  issued: readonly OneTimeCode[],
  choice: BypassChoice,
  name: AccountName,
): readonly OneTimeCode[] {
  if (choice.kind === 'all') return issued
  const meant =
    choice.kind === 'only' ? issued : issued.filter(({ id }) => id.startsWith(choice.prefix))
  if (meant.length === 1) return meant
  const user = toPrintable(name)
  const what = meant.length === 0 ? 'no such bypass code' : 'several such bypass codes'
  const rest = meant.length === 0 ? '' : '; --all takes back each one'
  throw new AppError('ERR_CODE_UNKNOWN', `${user} has ${what}`, {
    hint: `see: otpgate bypass list ${user}${rest}`,
  })
}
