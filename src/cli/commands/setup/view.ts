import { formatTime } from '../../../base/time.ts'
import type { SetupJournal } from '../../../setup/ssh/journal.ts'
import { optionalTime } from '../../account-view.ts'

/** What `--json` prints of a set-up: public, fields are added and never renamed. */
export function toView(journal: SetupJournal) {
  const { phase, recipe, group, account, beganAt, timeoutSeconds, files } = journal
  return {
    phase,
    recipe,
    group: group ?? null,
    user: account,
    began_at: formatTime(beganAt),
    timeout_seconds: timeoutSeconds,
    goes_back_at:
      phase === 'awaiting-proof' && journal.deadline ? formatTime(journal.deadline.at) : null,
    ended_at: optionalTime(journal.endedAt),
    because: journal.because ?? null,
    files: files.map(({ role, path }) => ({ role, path })),
  }
}
