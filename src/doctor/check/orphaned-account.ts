import { plural } from '../../base/text.ts'
import type { AccountFacts } from '../facts.ts'
import type { Finding } from '../finding.ts'
import { listNames } from '../name-list.ts'
import { createAccountCheck, namesOf } from './account-check.ts'

/** Accounts of people who are gone from the passwd database, or have another uid there. */
export const orphanedAccountCheck = createAccountCheck(
  'uids',
  ({ account, uidNow }) => uidNow !== account.uid,
  (affected) => {
    const moved = affected.filter(({ uidNow }) => uidNow !== undefined)
    return moved.length > 0 ? movedFinding(moved) : goneFinding(affected)
  },
)

function movedFinding(moved: readonly AccountFacts[]): Finding {
  return {
    severity: 'problem',
    what: `${plural(moved.length, 'account')} with another uid than at enrolment: ${listNames(namesOf(moved))}`,
    why: 'their logins are denied: a name made anew for somebody else must not inherit a second factor',
    fix: 'otpgate rebind USER  # where it is the same person',
  }
}

function goneFinding(gone: readonly AccountFacts[]): Finding {
  return {
    severity: 'warning',
    what: `${plural(gone.length, 'account')} of nobody in the passwd database: ${listNames(namesOf(gone))}`,
    why: 'secrets are kept of people who have left, or their directory is down',
    fix: 'otpgate list --orphaned; then: otpgate remove USER',
  }
}
