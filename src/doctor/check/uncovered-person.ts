import { AppError } from '../../base/errors.ts'
import { plural } from '../../base/text.ts'
import type { DoctorFacts } from '../facts.ts'
import { type Check, type Diagnosis, examined, notApplicable } from '../finding.ts'
import { listNames } from '../name-list.ts'

const ROOT_UID = 0

/** People with a login shell whom otpgate has no account for. */
export const uncoveredPersonCheck: Check = { name: 'people without a second factor', judge }

function judge(facts: DoctorFacts): Diagnosis {
  const { store, people, config } = facts
  if (store.kind === 'failed') return notApplicable('the database cannot be opened')
  if (config instanceof AppError) return notApplicable('the configuration cannot be read')
  if (people === undefined) return notApplicable('the passwd database cannot be asked')
  const known = new Set(store.accounts.map(({ account }) => String(account.name)))
  const uncovered = people
    .filter(({ name, uid, hasShell }) => hasShell && !known.has(name) && isReachable(uid, facts))
    .map(({ name }) => name)
  if (uncovered.length === 0) return examined()
  const why =
    config.policy.unenrolled === 'allow'
      ? 'they log in with one factor: [policy] unenrolled is "allow"'
      : 'they cannot log in where a code is asked for, unless a rule exempts them'
  return examined({
    severity: 'warning',
    what: `${plural(uncovered.length, 'login shell')} without an account here: ${listNames(uncovered)}`,
    why,
    fix: 'otpgate invite USER --for 7d, or: otpgate enroll USER',
  })
}

/** Root where sshd takes a code of root at all. */
function isReachable(uid: number, { sshdForRoot }: DoctorFacts): boolean {
  if (uid !== ROOT_UID) return true
  return sshdForRoot.kind === 'settings' && sshdForRoot.values.get('permitrootlogin')?.[0] === 'yes'
}
