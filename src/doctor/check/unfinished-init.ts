import { plural } from '../../base/text.ts'
import type { DoctorFacts } from '../facts.ts'
import { type Check, type Diagnosis, examined } from '../finding.ts'
import { listNames } from '../name-list.ts'

/** What an `otpgate init` that was cut off has left behind. */
export const unfinishedInitCheck: Check = { name: 'unfinished set-up', judge }

function judge({ unfinished }: DoctorFacts): Diagnosis {
  if (unfinished.length === 0) return examined()
  return examined({
    severity: 'warning',
    what: `${plural(unfinished.length, 'file')} of a set-up that was cut off: ${listNames(unfinished)}`,
    why: 'one may be a second name of the key; with its mark there, a lost database is made anew',
    fix: 'otpgate init  # safe to repeat: it finishes, and clears up',
  })
}
