import type { DoctorFacts } from '../facts.ts'
import { type Check, type Diagnosis, examined, notApplicable } from '../finding.ts'

/** Whether the newest rows of the audit log are as they were written. */
export const auditEndCheck: Check = { name: 'audit log', judge }

function judge({ store }: DoctorFacts): Diagnosis {
  if (store.kind === 'failed') return notApplicable('the database cannot be opened')
  const { problem } = store.auditEnd
  if (problem === undefined) return examined()
  return examined({
    severity: 'problem',
    what: `the audit log does not hold at row ${problem.seq}: ${problem.what}`,
    why: 'somebody has changed the database past otpgate, or an old copy of it was put back',
    fix: 'otpgate audit verify; then compare with: journalctl -t otpgate-verify',
  })
}
