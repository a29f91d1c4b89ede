import type { AccountFacts, DoctorFacts } from '../facts.ts'
import { type Check, type Diagnosis, examined, type Finding, notApplicable } from '../finding.ts'

/** A check of accounts: those that `isAffected`, in one finding. */
export function createAccountCheck(
  name: string,
  isAffected: (account: AccountFacts, facts: DoctorFacts) => boolean,
  toFinding: (affected: readonly AccountFacts[]) => Finding,
): Check {
  const judge = (facts: DoctorFacts): Diagnosis => {
    if (facts.store.kind === 'failed') return notApplicable('the database cannot be opened')
    const affected = facts.store.accounts.filter((account) => isAffected(account, facts))
    return affected.length === 0 ? examined() : examined(toFinding(affected))
  }
  return { name, judge }
}

/** Their names. */
export function namesOf(accounts: readonly AccountFacts[]): readonly string[] {
  return accounts.map(({ account }) => account.name)
}
