import type { DoctorFacts } from '../facts.ts'
import { type Check, type Diagnosis, examined, notApplicable } from '../finding.ts'

/** Up to here nobody notices. */
const MOST_UNNOTICED = 20_000

/** What logins spend on closing files that nobody has opened. */
export const descriptorLimitCheck: Check = { name: 'open files of sshd', judge }

/** pam_exec closes every descriptor up to the hard limit, open or not, before it runs a program. */
function judge({ descriptorLimit }: DoctorFacts): Diagnosis {
  if (descriptorLimit === undefined) return notApplicable('no running sshd can be asked')
  if (descriptorLimit <= MOST_UNNOTICED) return examined()
  return examined({
    severity: 'note',
    what: `a login of sshd may open ${descriptorLimit} files, and pam_exec closes each of them first`,
    why: 'each line of otpgate takes longer by that: 2 ms at 1024, 6 ms at 20000; a lower limit saves it, and holds for what people run in their sessions as well',
    fix: 'systemctl edit ssh  # [Service] LimitNOFILE=1024:4096, where 4096 files do for people',
  })
}
