import { Command } from 'commander'
import { AppError } from '../../../base/errors.ts'
import { readBootTime } from '../../../host/boot-clock.ts'
import { now } from '../../../host/clock.ts'
import { endProcess, findOwnProcess, isRunning } from '../../../host/process-mark.ts'
import { nameProcess } from '../../../host/process-name.ts'
import { listOpenConnections } from '../../../host/sshd-connection.ts'
import { writeSyslogLine } from '../../../host/syslog-line.ts'
import { confirmSetup, retireAfterEnd, revertSetup } from '../../../setup/ssh/end-setup.ts'
import { readJournal } from '../../../setup/ssh/journal-file.ts'
import type { SetupPlaces } from '../../../setup/ssh/places.ts'
import { findLockHolder } from '../../../setup/ssh/state-lock.ts'
import { markWatcher } from '../../../setup/ssh/watcher-mark.ts'
import {
  forgetNote,
  readNote,
  type WatcherNote,
  writeNote,
} from '../../../setup/ssh/watcher-note.ts'
import type { ProofLook } from '../../../setup/watch/find-proof.ts'
import { SETTLE_SECONDS } from '../../../setup/watch/suspect-row.ts'
import { watch } from '../../../setup/watch/watch.ts'
import type { WatchPorts } from '../../../setup/watch/watch-ports.ts'
import { type Cli, withSession } from '../../context.ts'

const TAG = 'otpgate-setup'

/** `otpgate setup watch`: what runs beside a set-up until it is over. Nobody types it. */
export function setupWatchCommand(cli: Cli, places: SetupPlaces): Command {
  return new Command('watch')
    .description('what takes a set-up back that nobody has confirmed')
    .action(async () => {
      nameProcess(TAG)
      if (readJournal(places) !== undefined) {
        forgetNote(places)
        markWatcher(places, findOwnProcess(places.procDirectory))
      }
      const end = await watch(watchPorts(cli, places))
      // Else it may be of a set-up that has begun since.
      if (end !== 'nothing-to-do') forgetNote(places)
      await retireAfterEnd(places)
      if (end !== 'nothing-to-do') tell(cli, 'notice', `the set-up for SSH is ${WORDS[end]}`)
    })
}

const WORDS = { confirmed: 'confirmed', reverted: 'taken back' } as const

function watchPorts(cli: Cli, places: SetupPlaces): WatchPorts {
  return {
    readJournal: () => readJournal(places),
    moment: () => ({ now: now(), ...readBootTime(places.procDirectory) }),
    isRunning: (mark) => isRunning(mark, places.procDirectory),
    endProcess: (mark) => endProcess(mark, places.procDirectory),
    // For each look: it may be put back from a backup meanwhile.
    withProofPorts: (config, use) =>
      withSession(cli, { config }, ({ ports: { journal, register, passwd } }) =>
        use({
          journal,
          register,
          passwd,
          now,
          bootSeconds: () => readBootTime(places.procDirectory).bootSeconds,
          listOpenConnections: () => listOpenConnections(places),
        }),
      ),
    service: places.pamService,
    confirm: () => confirmUnlessOvertaken(places),
    revert: async (seen, because) =>
      (await revertSetup(places, { because, now }, seen)) === undefined ? 'overtaken' : 'done',
    pause: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
    findHolder: () => findLockHolder(places),
    complain: (error, about) => {
      const note = toNote(error, about)
      writeNote(places, note)
      tell(cli, 'warning', `${note.text}; ${note.hint}`)
    },
    recover: () => {
      if (readNote(places)?.kind === 'end-failed') forgetNote(places)
    },
    tellLook: (look) => tellLook(places, look),
  }
}

function toNote(error: unknown, about: 'end' | 'look'): WatcherNote {
  const text = error instanceof AppError ? error.message : String(error)
  const hint = error instanceof AppError ? error.hint : undefined
  return {
    kind: about === 'end' ? 'end-failed' : 'look-failed',
    text,
    hint: hint ?? 'see: otpgate doctor',
  }
}

function tellLook(places: SetupPlaces, look: ProofLook): void {
  if (look.kind !== 'unclear') {
    forgetNote(places)
    return
  }
  const kind = look.mayClear ? 'login-unsettled' : 'login-unclear'
  const text = 'a login came, but from a connection that may be older than the set-up'
  const hint = look.mayClear ? `wait ${SETTLE_SECONDS} s, or log in again` : 'log in again'
  writeNote(places, { kind, text, hint })
}

/** An admin may have confirmed it, or taken it back, in the same moment; else what is refused is told. */
async function confirmUnlessOvertaken(places: SetupPlaces): Promise<'done' | 'overtaken'> {
  try {
    await confirmSetup(places, now)
    return 'done'
  } catch (error) {
    if (readJournal(places)?.phase === 'awaiting-proof') throw error
    if (error instanceof AppError && error.code === 'ERR_REFUSED') return 'overtaken'
    throw error
  }
}

/** The unit's own log takes what is said; where there is no unit, the authpriv log alone does. */
function tell(cli: Cli, priority: 'notice' | 'warning', line: string): void {
  cli.talk(`otpgate: ${line}`)
  writeSyslogLine(TAG, priority, line)
}
