import { plural } from '../../base/text.ts'
import { BUDGETS } from '../../domain/account.ts'
import { budgetPolicy } from '../../domain/standing.ts'
import { judgeThrottle, rebaseThrottle } from '../../domain/throttle.ts'
import type { AccountFacts, DoctorFacts } from '../facts.ts'
import { listNames } from '../name-list.ts'
import { createAccountCheck, namesOf } from './account-check.ts'

/** People whose codes are not judged any more until an admin or a recovery code ends it. */
export const lockedAccountCheck = createAccountCheck('locked accounts', isLocked, (locked) => ({
  severity: 'warning',
  what: `${plural(locked.length, 'account')} locked: ${listNames(namesOf(locked))}`,
  why: 'too many wrong codes: theirs, or of somebody who has their first factor',
  fix: 'otpgate audit USER  # whose codes these were; then: otpgate unlock USER',
}))

function isLocked({ account }: AccountFacts, { config, now }: DoctorFacts): boolean {
  if (config instanceof Error) return false
  return BUDGETS.some((budget) => {
    const policy = budgetPolicy(budget, config.throttle)
    return (
      judgeThrottle(rebaseThrottle(account.throttle[budget], now), policy, now).kind === 'locked'
    )
  })
}
