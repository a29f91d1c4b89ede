import type { Register } from '../../app/ports.ts'
import { allAccounts } from '../../app/survey-accounts.ts'
import type { UnixSeconds } from '../../base/time.ts'
import { activeOverride } from '../../domain/override.ts'
import type { Person } from '../../host/login-person.ts'

const ROOT_UID = 0

/** People with a login shell, and those of them who could not log in once a code is asked for. */
export interface Coverage {
  readonly people: number
  readonly uncovered: readonly string[]
}

/** Whom a recipe asks, on a host. */
export interface CoverageRequest {
  readonly people: readonly Person[]
  /** The group it is for; `undefined`: everybody. */
  readonly members: readonly string[] | undefined
  /** Whether sshd lets root log in with a code at all. */
  readonly isRootAsked: boolean
  /** `[policy] unenrolled`: people that otpgate never knew. */
  readonly unenrolled: 'deny' | 'allow'
  readonly now: UnixSeconds
}

/** Looks at every account once. Throws ERR_STORE_*. */
export async function findUncovered(
  register: Pick<Register, 'page'>,
  { people, members, isRootAsked, unenrolled, now }: CoverageRequest,
): Promise<Coverage> {
  const asked = people.filter(
    ({ name, uid, hasShell }) =>
      hasShell &&
      (uid !== ROOT_UID || isRootAsked) &&
      (members === undefined || members.includes(name)),
  )
  const known = new Map<string, boolean>()
  for await (const { account, devices } of allAccounts(register)) {
    // Invited, waived, or suspended on purpose: somebody has thought of them.
    const standing = activeOverride(account.override, now)?.kind ?? 'must-enroll'
    const hasDevice = devices.some(({ confirmedAt }) => confirmedAt !== undefined)
    known.set(account.name, hasDevice || standing !== 'must-enroll')
  }
  const uncovered = asked
    .filter(({ name }) => !(known.get(name) ?? unenrolled === 'allow'))
    .map(({ name }) => name)
  return { people: asked.length, uncovered }
}
