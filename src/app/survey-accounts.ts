import { addSeconds, DAY_SECONDS, type UnixSeconds } from '../base/time.ts'
import { type Account, type AccountStatus, accountStatus, BUDGETS } from '../domain/account.ts'
import type { AccountName } from '../domain/name.ts'
import { activeOverride } from '../domain/override.ts'
import { budgetPolicy } from '../domain/standing.ts'
import { judgeThrottle, rebaseThrottle, type ThrottlePolicy } from '../domain/throttle.ts'
import type { AccountSummary, Register } from './ports.ts'

/** People by what needs attention; everybody is counted, whoever is no longer there included. */
export interface AccountSurvey {
  readonly statuses: Readonly<Record<AccountStatus, number>>
  /** Whose codes of some kind, or from some side, are not judged for a while. */
  readonly waiting: number
  /** The same until an admin, or for codes of an app a recovery code, ends it; not among the waiting. */
  readonly locked: number
  readonly fewRecoveryCodes: number
  /** The next to end first. */
  readonly endingSoon: readonly EndingTerm[]
}

/** An invitation or a waiver that is over before long: from then on a code is asked for. */
export interface EndingTerm {
  readonly name: AccountName
  readonly kind: 'invited' | 'waived'
  readonly until: UnixSeconds
}

/** Below this somebody should print new ones. */
export const FEW_RECOVERY_CODES = 3
/** How far ahead the end of a term is looked for: somebody has to act before a weekend is over. */
export const SOON_SECONDS = 3 * DAY_SECONDS

const PAGE = 500
const NOBODY: Readonly<Record<AccountStatus, number>> = {
  enrolled: 0,
  unconfirmed: 0,
  invited: 0,
  waived: 0,
  suspended: 0,
  'must-enroll': 0,
}

/** Looks at every account once. Throws ERR_STORE_*. */
export async function surveyAccounts(
  register: Pick<Register, 'page'>,
  policy: ThrottlePolicy,
  now: UnixSeconds,
): Promise<AccountSurvey> {
  const statuses = { ...NOBODY }
  const throttled = { free: 0, waiting: 0, locked: 0 }
  const endingSoon: EndingTerm[] = []
  let fewRecoveryCodes = 0
  for await (const { account, devices, recoveryCodesLeft } of allAccounts(register)) {
    statuses[accountStatus(account.override, devices, now)] += 1
    throttled[throttleOf(account, policy, now)] += 1
    if (recoveryCodesLeft < FEW_RECOVERY_CODES) fewRecoveryCodes += 1
    endingSoon.push(...findEndingTerm(account, now))
  }
  endingSoon.sort((a, b) => a.until - b.until)
  const { waiting, locked } = throttled
  return { statuses, waiting, locked, fewRecoveryCodes, endingSoon }
}

/** Every account, in the order of their names. Throws ERR_STORE_*. */
export async function* allAccounts(
  register: Pick<Register, 'page'>,
): AsyncGenerator<AccountSummary> {
  let after: AccountName | undefined
  for (;;) {
    const page = await register.page(after, PAGE)
    yield* page
    after = page.at(-1)?.account.name
    if (after === undefined) return
  }
}

/** The worst of all budgets: in SSH, at recovery codes or in sudo, somebody is turned away. */
function throttleOf(
  { throttle }: Account,
  policy: ThrottlePolicy,
  now: UnixSeconds,
): 'free' | 'waiting' | 'locked' {
  const kinds = BUDGETS.map((budget) => {
    const state = rebaseThrottle(throttle[budget], now)
    return judgeThrottle(state, budgetPolicy(budget, policy), now).kind
  })
  if (kinds.includes('locked')) return 'locked'
  return kinds.includes('waiting') ? 'waiting' : 'free'
}

function findEndingTerm({ name, override }: Account, now: UnixSeconds): readonly EndingTerm[] {
  const active = activeOverride(override, now)
  if (active?.kind !== 'invited' && active?.kind !== 'waived') return []
  const { kind, until } = active
  return until <= addSeconds(now, SOON_SECONDS) ? [{ name, kind, until }] : []
}
