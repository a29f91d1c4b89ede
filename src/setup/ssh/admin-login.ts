import { AppError } from '../../base/errors.ts'
import { toPrintable } from '../../base/text.ts'
import type { UnixSeconds } from '../../base/time.ts'
import { type AccountState, type AccountStatus, accountStatus } from '../../domain/account.ts'
import { hasAuthorizedKey } from '../../host/authorized-key.ts'
import type { LoginEntry } from '../../host/login-entry.ts'
import type { RecipeText } from './recipe.ts'

const NONE = 'none'
const ROOT_UID = 0

/** Who switches the second factor on, and has to get in afterwards. */
export interface Admin {
  readonly name: string
  readonly entry: LoginEntry | undefined
  readonly state: AccountState
  /** What sshd says of their login (`sshd -T`). */
  readonly settings: ReadonlyMap<string, readonly string[]>
  /** Of the group that the recipe is for; `undefined`: it is for everybody. */
  readonly membership: { readonly group: string; readonly isMember: boolean } | undefined
}

/**
 * Throws ERR_REFUSED where it is plain that the admin could not log in by this recipe, and with the
 * command that helps; ERR_USER_UNKNOWN. What could not be found out is returned, in words.
 */
export function assertAdminGetsIn(
  admin: Admin,
  { takesPassword }: Pick<RecipeText, 'takesPassword'>,
  now: UnixSeconds,
): readonly string[] {
  const { entry } = admin
  const who = toPrintable(admin.name)
  if (entry === undefined) {
    throw new AppError('ERR_USER_UNKNOWN', `no such user: ${who}`, {
      hint: 'name who is to log in first, by: --as USER',
    })
  }
  if (!entry.hasShell) throw locksOut(who, 'has no login shell', 'name somebody else: --as USER')
  if (entry.uid === ROOT_UID) assertRootGetsIn(admin)
  assertEnrolled(admin, entry, now)
  assertMember(admin)
  return keyRemarks(admin, entry, takesPassword)
}

/** Short of "yes", sshd refuses every answer of root's to a question (sshd_config(5)). */
function assertRootGetsIn({ settings }: Admin): void {
  const value = settings.get('permitrootlogin')?.[0] ?? ''
  if (value === 'yes') return
  const what = `root could not log in with a code: sshd says PermitRootLogin "${value}"`
  throw new AppError('ERR_REFUSED', what, {
    hint: 'run it by sudo from an account of your own, or name that: --as USER',
  })
}

function assertEnrolled({ name, state }: Admin, { uid }: LoginEntry, now: UnixSeconds): void {
  const who = toPrintable(name)
  if (state.kind !== 'known') {
    throw locksOut(who, 'has no device', `enroll first: otpgate enroll ${who}`)
  }
  const { account, devices } = state
  if (account.uid !== uid) {
    throw locksOut(who, `was enrolled with uid ${account.uid}`, `otpgate rebind ${who}`)
  }
  const status = accountStatus(account.override, devices, now)
  if (status === 'enrolled') return
  throw locksOut(who, STANDING[status].what, `${STANDING[status].command} ${who}`)
}

/** Somebody who is let in without a code would prove nothing by their login. */
const STANDING: Readonly<
  Record<Exclude<AccountStatus, 'enrolled'>, { readonly what: string; readonly command: string }>
> = {
  unconfirmed: { what: 'has no confirmed device', command: 'confirm it: otpgate confirm' },
  invited: { what: 'is invited, and has no device', command: 'enroll first: otpgate enroll' },
  waived: { what: 'is asked for no code by now', command: 'otpgate waive --clear' },
  suspended: { what: 'is suspended', command: 'otpgate resume' },
  'must-enroll': { what: 'has no device', command: 'enroll first: otpgate enroll' },
}

function assertMember({ name, membership }: Admin): void {
  if (membership === undefined || membership.isMember) return
  const who = toPrintable(name)
  const { group } = membership
  throw new AppError(
    'ERR_REFUSED',
    `${who} is not in ${group}, and would not be asked for a code`,
    {
      hint: `adduser ${who} ${group}; a login that is not asked proves nothing`,
    },
  )
}

function keyRemarks(
  { name, settings }: Admin,
  { uid, home }: LoginEntry,
  takesPassword: boolean,
): readonly string[] {
  const who = toPrintable(name)
  const files = settings.get('authorizedkeysfile')?.join(' ') ?? ''
  if (hasAuthorizedKey(files, { name, uid, home })) return []
  const isElsewhere = ['authorizedkeyscommand', 'trustedusercakeys'].some(
    (keyword) => (settings.get(keyword)?.[0] ?? NONE) !== NONE,
  )
  if (isElsewhere) return [`whether sshd knows a key of ${who} cannot be told: not from a file`]
  if (takesPassword) return [`${who} has no authorized key: the password has to be right`]
  throw locksOut(
    who,
    `has no authorized key (${toPrintable(files)})`,
    `from where you log in: ssh-copy-id ${who}@HOST; or use: --recipe password+code`,
  )
}

function locksOut(who: string, what: string, hint: string): AppError {
  return new AppError('ERR_REFUSED', `${who} ${what}, and could not log in afterwards`, { hint })
}
