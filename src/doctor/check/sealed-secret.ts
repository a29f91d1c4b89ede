import type { DoctorFacts } from '../facts.ts'
import { type Check, type Diagnosis, examined, notApplicable } from '../finding.ts'
import { listNames } from '../name-list.ts'

/** Whether every stored secret opens with the key. */
export const sealedSecretCheck: Check = { name: 'secrets', judge }

function judge({ store }: DoctorFacts): Diagnosis {
  if (store.kind === 'failed') return notApplicable('the database cannot be opened')
  const { secrets, unopened } = store.secrets
  if (unopened.length === 0) return examined()
  const names = unopened.map(({ user, device }) => `${user} (${device})`)
  return examined({
    severity: 'problem',
    what: `${unopened.length} of ${secrets} secrets cannot be opened: ${listNames(names)}`,
    why: 'somebody has changed the database, or it is damaged: no code of these devices is right',
    fix: 'otpgate key check; then restore a backup, or: otpgate reset USER; otpgate enroll USER',
  })
}
