import { AppError, type ErrorCode } from '../../base/errors.ts'
import type { DoctorFacts } from '../facts.ts'
import { type Check, type Diagnosis, examined, notApplicable } from '../finding.ts'

/** Found by the check of owners and modes as well, which says more about it. */
const OWNERS: readonly ErrorCode[] = ['ERR_KEY_PERMISSION', 'ERR_STORE_PERMISSION']

/** Whether key and database are there, belong together, and are of this version. */
export const keyAndDatabaseCheck: Check = { name: 'key and database', judge }

function judge({ config, store }: DoctorFacts): Diagnosis {
  if (config instanceof AppError) return notApplicable('the configuration cannot be read')
  if (store.kind === 'open') return examined()
  const { code, message, hint } = store.error
  if (OWNERS.includes(code)) return notApplicable('see owners and modes')
  return examined({
    severity: 'problem',
    what: message,
    why: 'no code can be judged: every login that takes one is denied',
    fix: hint ?? 'otpgate audit verify',
  })
}
