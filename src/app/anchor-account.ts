import { AppError } from '../base/errors.ts'
import { toPrintable } from '../base/text.ts'
import type { UnixSeconds } from '../base/time.ts'
import type { Account, AccountState } from '../domain/account.ts'
import type { Change } from '../domain/change.ts'
import type { PasswdEntry } from './ports.ts'

/**
 * What makes the account that of this very person: a new one where there is none, and the uid of now
 * where nothing is left of the old one. Throws ERR_ACCOUNT_UID_CHANGED where devices or codes are.
 */
export function anchorAccount(
  state: AccountState,
  { name, uid }: PasswdEntry,
  now: UnixSeconds,
): readonly Change[] {
  if (state.kind === 'never-known') return [{ kind: 'create-account', uid, at: now }]
  if (state.account.uid === uid) return []
  if (state.devices.length === 0 && state.oneTimeCodes.length === 0)
    return [{ kind: 'set-uid', uid }]
  throw uidChanged(state.account, { name, uid })
}

/** Whose account is it: only an admin can tell whether the name stands for the same person. */
export function uidChanged(
  { uid: before }: Pick<Account, 'uid'>,
  { name, uid: now }: PasswdEntry,
): AppError {
  const user = toPrintable(name)
  return new AppError(
    'ERR_ACCOUNT_UID_CHANGED',
    `${user} had uid ${before} when it was enrolled and has uid ${now} now`,
    { hint: `the same person: otpgate rebind ${user}; somebody new: otpgate remove ${user}` },
  )
}

/** Throws ERR_REFUSED: what lets somebody in must not end a suspension in passing. */
export function assertNotSuspended(state: AccountState, { name }: PasswdEntry): void {
  if (state.kind === 'never-known' || state.account.override?.kind !== 'suspended') return
  const user = toPrintable(name)
  throw new AppError('ERR_REFUSED', `${user} is suspended`, {
    hint: `otpgate resume ${user}, then again`,
  })
}
