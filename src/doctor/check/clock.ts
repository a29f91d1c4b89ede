import type { DoctorFacts } from '../facts.ts'
import { type Check, type Diagnosis, examined, notApplicable } from '../finding.ts'

/** Whether the clock that codes are judged by is kept right. */
export const clockCheck: Check = { name: 'clock', judge }

function judge({ isClockSynchronized }: DoctorFacts): Diagnosis {
  if (isClockSynchronized === undefined) return notApplicable('systemd cannot be asked about it')
  if (isClockSynchronized) return examined()
  return examined({
    severity: 'warning',
    what: 'the clock of this host is not synchronised',
    why: 'codes follow the clock: once it is a minute off, right codes are wrong',
    fix: 'timedatectl set-ntp true; then: timedatectl',
  })
}
