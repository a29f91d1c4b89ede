import { AppError } from '../base/errors.ts'
import { toPrintable } from '../base/text.ts'
import type { AccountState, KnownAccount } from '../domain/account.ts'

/** The account, or ERR_ACCOUNT_UNKNOWN. */
export function requireKnown(state: AccountState, name: string): KnownAccount {
  if (state.kind === 'known') return state
  throw new AppError('ERR_ACCOUNT_UNKNOWN', `${toPrintable(name)} has no account in otpgate`, {
    hint: `otpgate enroll ${toPrintable(name)}`,
  })
}
