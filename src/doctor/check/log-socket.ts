import type { DoctorFacts } from '../facts.ts'
import { type Check, type Diagnosis, examined } from '../finding.ts'

/** Whether the host takes log lines: those of logins go to authpriv. */
export const logSocketCheck: Check = { name: 'system log', judge }

function judge({ hasLogSocket, places: { logSocket } }: DoctorFacts): Diagnosis {
  if (hasLogSocket) return examined()
  return examined({
    severity: 'warning',
    what: `${logSocket} is not there`,
    why: 'no login is logged outside of the database, which fail2ban and auditors read',
    fix: 'systemctl status systemd-journald-dev-log.socket rsyslog',
  })
}
