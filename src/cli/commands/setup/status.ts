import { Command } from 'commander'
import { toPrintable } from '../../../base/text.ts'
import { formatTime } from '../../../base/time.ts'
import { readBootTime } from '../../../host/boot-clock.ts'
import { now } from '../../../host/clock.ts'
import { renderDuration } from '../../../render/duration.ts'
import type { ChangedFile, SetupJournal } from '../../../setup/ssh/journal.ts'
import { readJournal } from '../../../setup/ssh/journal-file.ts'
import { type FileNow, lookAtFile } from '../../../setup/ssh/original.ts'
import type { SetupPlaces } from '../../../setup/ssh/places.ts'
import { findWatcher } from '../../../setup/ssh/watcher-mark.ts'
import { readNote } from '../../../setup/ssh/watcher-note.ts'
import { remainingSeconds } from '../../../setup/watch/countdown.ts'
import type { Cli, CommonOptions } from '../../context.ts'
import { printJson } from '../../report.ts'
import { asRoot } from './as-root.ts'
import { toView } from './view.ts'

const LABEL_WIDTH = 10

/** `otpgate setup status` */
export function setupStatusCommand(cli: Cli, places: SetupPlaces): Command {
  return new Command('status')
    .description('how far "setup ssh" has come, and what its files are by now')
    .action(async (_: unknown, command: Command) => {
      const { json } = command.optsWithGlobals<CommonOptions>()
      await asRoot(async () => showStatus(cli, places, json))
    })
}

function showStatus(cli: Cli, places: SetupPlaces, json: true | undefined): void {
  const journal = readJournal(places)
  if (json) {
    printJson(cli, journal === undefined ? null : toStatusView(places, journal))
    return
  }
  if (journal === undefined) {
    cli.print('nothing was set up by: otpgate setup ssh\n')
    return
  }
  const lines = [
    { label: 'set-up', text: describePhase(journal) },
    { label: 'recipe', text: describeRecipe(journal) },
    { label: 'begun', text: `${formatTime(journal.beganAt)}, for ${toPrintable(journal.account)}` },
    ...describeEnd(places, journal),
    ...describeNote(places, journal),
    ...journal.files.map((file) => ({ label: FILE_WORDS[look(file)], text: file.path })),
  ]
  for (const { label, text } of lines) {
    cli.print(`${label.padEnd(LABEL_WIDTH)}${toPrintable(text)}\n`)
  }
}

const PHASE_WORDS: Readonly<Record<SetupJournal['phase'], string>> = {
  installing: 'not finished: otpgate setup revert takes it back',
  'awaiting-proof': 'in place, and waits for a login that proves it',
  reverting: 'being taken back: otpgate setup revert finishes that',
  confirmed: 'confirmed',
  reverted: 'taken back',
}

const REASON_WORDS: Readonly<Record<NonNullable<SetupJournal['because']>, string>> = {
  'no-proof': 'as no login in a new connection proved it in time',
  asked: 'as somebody asked for it',
  failed: 'as a step of it failed',
  interrupted: 'as it was cut off in the middle',
}

const FILE_WORDS: Readonly<Record<FileNow | 'unreadable', string>> = {
  original: 'as before',
  installed: 'in place',
  changed: 'CHANGED',
  unreadable: 'CHANGED',
}

function describePhase({ phase, because }: SetupJournal): string {
  const words = PHASE_WORDS[phase]
  return because === undefined ? words : `${words}, ${REASON_WORDS[because]}`
}

function describeRecipe({ recipe, group }: SetupJournal): string {
  return group === undefined ? recipe : `${recipe}, for members of ${group}`
}

function describeEnd(
  places: SetupPlaces,
  { phase, deadline, timeoutSeconds, endedAt }: SetupJournal,
) {
  if (endedAt !== undefined) return [{ label: 'ended', text: formatTime(endedAt) }]
  if (phase !== 'awaiting-proof' || deadline === undefined) return []
  const moment = { now: now(), ...readBootTime(places.procDirectory) }
  if (readNote(places)?.kind === 'end-failed') {
    return [{ label: 'goes back', text: 'NOT so far: that fails, and is tried again' }]
  }
  const left = renderDuration(Math.max(0, remainingSeconds(deadline, timeoutSeconds, moment)))
  const isWatched = findWatcher(places) !== undefined
  const text = isWatched
    ? `in ${left}, or when you type: otpgate setup revert`
    : 'NOT by itself, nothing watches: otpgate setup revert, or: otpgate setup confirm'
  return [{ label: 'goes back', text }]
}

function describeNote(places: SetupPlaces, { endedAt }: SetupJournal) {
  const note = endedAt === undefined ? readNote(places) : undefined
  if (note === undefined) return []
  return [
    { label: 'note', text: note.text },
    { label: '', text: note.hint },
  ]
}

/** What cannot be looked at is no file of ours any more. */
function look(file: ChangedFile): FileNow | 'unreadable' {
  try {
    return lookAtFile(file)
  } catch {
    return 'unreadable'
  }
}

function toStatusView(places: SetupPlaces, journal: SetupJournal) {
  const view = toView(journal)
  const note = journal.endedAt === undefined ? readNote(places) : undefined
  return {
    ...view,
    note: note ?? null,
    files: journal.files.map((file) => ({ role: file.role, path: file.path, state: look(file) })),
  }
}
