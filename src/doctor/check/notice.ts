import { plural } from '../../base/text.ts'
import { formatTime } from '../../base/time.ts'
import type { DoctorFacts, NoticeFacts } from '../facts.ts'
import { type Check, type Diagnosis, examined, type Finding, notApplicable } from '../finding.ts'

/** More than a busy host has waiting while its command runs. */
const MOST_WAITING = 100

const DAMAGED: Finding = {
  severity: 'warning',
  what: 'the note of what the [notify] command was told is damaged',
  why: 'nobody is told of new devices, resets and locked people',
  fix: 'otpgate notify --from-now  # what was not told stands in: otpgate audit',
}

/** Whether the [notify] command is told what happens. */
export const noticeCheck: Check = { name: 'notices', judge }

function judge({ notices }: DoctorFacts): Diagnosis {
  if (notices === undefined) return notApplicable('there is no [notify] command')
  if (notices === 'unknown') return notApplicable('the database cannot be opened')
  return examined(...unitFindings(notices), ...backlogFindings(notices))
}

function unitFindings({ isRunning, backlog }: NoticeFacts): readonly Finding[] {
  if (isRunning) return []
  // Told by something else, such as cron.
  const isTold = backlog !== undefined && backlog !== 'damaged' && backlog.events === 0
  return [
    {
      severity: isTold ? 'note' : 'warning',
      what: 'there is a [notify] command, and otpgate-notify.service does not run',
      why: isTold
        ? 'nothing waits: where you run "otpgate notify" yourself all is well, else nobody will be told'
        : 'nobody is told of new devices, resets and locked people',
      fix: 'systemctl enable --now otpgate-notify; systemctl status otpgate-notify',
    },
  ]
}

function backlogFindings({ backlog }: NoticeFacts): readonly Finding[] {
  if (backlog === undefined) return []
  if (backlog === 'damaged') return [DAMAGED]
  const { events, failing, givenUp } = backlog
  const held: Finding = {
    severity: 'warning',
    what: `${plural(events, 'event')} not told${failing === undefined ? '' : `: the [notify] command fails since ${formatTime(failing.since)}`}`,
    why: 'what is held up comes late; after a day of failing a row is given up',
    fix: 'otpgate notify  # by hand, and see what the command says; journalctl -u otpgate-notify',
  }
  const lost: Finding = {
    severity: 'note',
    what: `${plural(givenUp, 'event')} given up so far: the [notify] command took none of them for a day`,
    why: 'nobody was told of them; they stand in the audit log',
    fix: 'otpgate audit; journalctl -u otpgate-notify',
  }
  const isHeld = failing !== undefined || events > MOST_WAITING
  return [...(isHeld ? [held] : []), ...(givenUp > 0 ? [lost] : [])]
}
