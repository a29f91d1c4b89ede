import { plural } from '../../base/text.ts'
import type { DoctorFacts } from '../facts.ts'
import { type Check, type Diagnosis, examined, notApplicable } from '../finding.ts'
import { listNames } from '../name-list.ts'

/** Whether `otpgate setup ssh`, where it was used, came to its end, and its files are as it left them. */
export const sshSetupCheck: Check = { name: 'set-up for SSH', judge }

function judge({ sshSetup }: DoctorFacts): Diagnosis {
  switch (sshSetup.kind) {
    case 'none':
      return notApplicable('otpgate setup ssh was not used, or was taken back')
    case 'unreadable':
      return examined({
        severity: 'warning',
        what: sshSetup.what,
        why: 'without its record "otpgate setup revert" has no way back',
        fix: 'ls -la /var/lib/otpgate-setup',
      })
    case 'cut-off':
      return examined({
        severity: 'warning',
        what: 'a set-up for SSH is under way, or was cut off in the middle',
        why: 'files of sshd and PAM may be half of one state and half of another',
        fix: 'otpgate setup status; where nobody is at it any more: otpgate setup revert',
      })
    case 'awaiting-proof':
      return examined({
        severity: 'warning',
        what: 'a set-up for SSH waits for a login that proves it',
        why: 'without one all of it goes back, and nobody is asked for a code then',
        fix: 'otpgate setup status; log in with a code, or: otpgate setup confirm',
      })
    case 'confirmed':
      return judgeFiles(sshSetup.changed)
  }
}

function judgeFiles(changed: readonly string[]): Diagnosis {
  if (changed.length === 0) return examined()
  return examined({
    severity: 'warning',
    what: `${plural(changed.length, 'file')} of the set-up for SSH changed since: ${listNames(changed)}`,
    why: 'what was proven by a login may not hold any more, and "otpgate setup revert" refuses them',
    fix: 'otpgate setup status; where it was meant so, note it: the other checks say what holds now',
  })
}
