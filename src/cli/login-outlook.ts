import { toPrintable } from '../base/text.ts'
import type { UnixSeconds } from '../base/time.ts'
import { type AccountState, usableDevices } from '../domain/account.ts'
import { findStandingExcuse } from '../domain/excuse.ts'
import type { LoginPolicy } from '../domain/login.ts'
import type { AccountName, Uid } from '../domain/name.ts'
import type { Session } from './context.ts'
import type { Deed } from './targets.ts'

/** What a person meets at the next login: `login` is public, for `--json`. */
export interface LoginOutlook {
  readonly line: string
  readonly login: 'code' | 'no-code' | 'denied'
}

/** Looks at what is stored now. Only for people on whom no suspension and no reset stands. */
export async function findOutlook(
  { ports, policy }: Session,
  name: AccountName,
): Promise<LoginOutlook> {
  const uid = ports.passwd.findByName(name)?.uid
  return describeOutlook(await ports.register.find(name), { name, uid }, policy.login, ports.now())
}

function describeOutlook(
  state: AccountState,
  { name, uid }: { readonly name: AccountName; readonly uid: Uid | undefined },
  policy: LoginPolicy,
  now: UnixSeconds,
): LoginOutlook {
  const user = toPrintable(name)
  const denied = (line: string): LoginOutlook => ({ line, login: 'denied' })
  if (uid === undefined) return denied('no user of this host any more')
  if (state.kind === 'known' && state.account.uid !== uid) {
    return denied(`the uid is another now, so no login before: otpgate rebind ${user}`)
  }
  if (usableDevices(state).length > 0) return { line: 'a login takes a code', login: 'code' }
  if (findStandingExcuse(state, policy, now) === undefined) {
    return denied(`no login before: otpgate enroll ${user}`)
  }
  return {
    line: 'a login takes no code, as [policy] unenrolled is "allow"',
    login: 'no-code',
  }
}

/** A deed that tells what follows from it. */
export function withOutlook({ line, fields }: Deed, outlook: LoginOutlook): Deed {
  return { line: `${line}; ${outlook.line}`, fields: { ...fields, login: outlook.login } }
}
