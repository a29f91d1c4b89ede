import { AppError } from '../../../base/errors.ts'
import { toPrintable } from '../../../base/text.ts'
import { formatDuration, formatTime } from '../../../base/time.ts'
import type { Installed } from '../../../setup/ssh/install.ts'
import { readInvited } from '../../../setup/ssh/invited.ts'
import type { SetupJournal } from '../../../setup/ssh/journal.ts'
import { readJournal } from '../../../setup/ssh/journal-file.ts'
import type { SetupPlaces } from '../../../setup/ssh/places.ts'
import { findWatcher } from '../../../setup/ssh/watcher-mark.ts'
import { readNote, type WatcherNote } from '../../../setup/ssh/watcher-note.ts'
import type { Cli } from '../../context.ts'
import { tellStillInvited } from './invite-people.ts'
import { talkWrapped } from './talk-wrapped.ts'

const POLL_MILLISECONDS = 500
const PATIENCE_MILLISECONDS = 10_000

/** Says what stands, when it goes back, and what keeps it. */
export function tellInstalled(cli: Cli, { journal, watcher }: Installed): void {
  const { account, deadline, timeoutSeconds } = journal
  const at = deadline === undefined ? '' : ` (${formatTime(deadline.at)})`
  cli.talk('')
  cli.talk(`In place. All goes back in ${formatDuration(timeoutSeconds)}${at} unless`)
  cli.talk(
    `${toPrintable(account)} logs in with a code, in a new connection. Do that now, in another`,
  )
  cli.talk('terminal, and keep this one. Without a login: otpgate setup confirm')
  cli.talk('To go back at once: otpgate setup revert')
  if (watcher.kind === 'unit') return
  cli.talk('No systemd runs here: after a reboot nothing goes back by itself. Then, by hand:')
  cli.talk('otpgate setup revert')
}

/**
 * Waits for the end of it. Throws ERR_REFUSED where all went back; ERR_SETUP_FAILED where nothing ends it,
 * or what was to end it fails.
 */
export async function followSetup(cli: Cli, places: SetupPlaces): Promise<SetupJournal> {
  cli.talk('Waiting. Ctrl-C leaves; the countdown goes on without this terminal.')
  const tellOnce = createTeller(cli)
  for (;;) {
    const note = readNote(places)
    const journal = readJournal(places)
    if (journal?.phase === 'confirmed') return journal
    if (journal === undefined || journal.phase === 'reverted') {
      tellStillInvited(cli, readInvited(places))
      throw wentBack(journal)
    }
    if (note?.kind === 'end-failed') throw cannotEnd(note)
    tellOnce(note)
    if (findWatcher(places) === undefined) await assertEnded(places)
    await pause(POLL_MILLISECONDS)
  }
}

function createTeller(cli: Cli): (note: WatcherNote | undefined) => void {
  let told: string | undefined
  return (note) => {
    const line = note === undefined ? undefined : `${note.text}: ${note.hint}`
    if (line !== undefined && line !== told) talkWrapped(cli, line)
    told = line
  }
}

function cannotEnd({ text, hint }: WatcherNote): AppError {
  const what = `it is neither confirmed nor taken back so far: ${text}`
  return new AppError('ERR_SETUP_FAILED', what, { hint })
}

/** It ends right after its last word; systemd starts one again that was killed. */
async function assertEnded(places: SetupPlaces): Promise<void> {
  await pause(PATIENCE_MILLISECONDS)
  const isOver = readJournal(places)?.endedAt !== undefined
  if (isOver || findWatcher(places) !== undefined) return
  throw new AppError('ERR_SETUP_FAILED', 'nothing watches the set-up any more', {
    hint: 'type one of: otpgate setup revert, otpgate setup confirm',
  })
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}

function wentBack(journal: SetupJournal | undefined): AppError {
  const isAsked = journal?.because === 'asked'
  const why = isAsked ? 'somebody took it back' : 'no login in a new connection proved it in time'
  return new AppError('ERR_REFUSED', `everything is back as it was before: ${why}`, {
    hint: 'what a login came to: otpgate audit; then try again, with a longer --timeout',
  })
}
