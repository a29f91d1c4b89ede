import type { Now } from '../../app/ports.ts'
import { AppError } from '../../base/errors.ts'
import { isThere } from '../../host/path.ts'
import { sweepTrials } from '../../host/trial-place.ts'
import type { SetupJournal, SetupPhase } from './journal.ts'
import { readJournal, writeJournal } from './journal-file.ts'
import { assertInPlace } from './leftover.ts'
import type { SetupPlaces } from './places.ts'
import { putBack, type Reverted, type RevertRequest } from './put-back.ts'
import { spendReserve } from './reserve.ts'
import { removeSpares } from './spare.ts'
import { withSetupLock } from './state-lock.ts'
import { retireWatcher } from './watcher.ts'

/**
 * Keeps what was set up, for good. Throws ERR_REFUSED where nothing waits for that, ERR_SETUP_STATE where
 * somebody else has changed a file of it.
 */
export async function confirmSetup(places: SetupPlaces, now: Now): Promise<SetupJournal> {
  if (!isThere(places.stateDirectory)) throw notWaiting(undefined)
  return withSetupLock(places, async () => {
    const journal = readJournal(places)
    if (journal?.phase !== 'awaiting-proof') throw notWaiting(journal)
    assertInPlace(journal)
    const confirmed = { ...journal, phase: 'confirmed', endedAt: now() } as const
    writeJournal(places, confirmed)
    clearAway(places, confirmed)
    return confirmed
  })
}

/**
 * Takes back what was set up, also where somebody was killed while doing so, or long after it was
 * confirmed; `undefined`: there is nothing to take back, or by now it is not in phase `seen`. Throws as
 * `putBack`.
 */
export async function revertSetup(
  places: SetupPlaces,
  request: RevertRequest,
  seen?: SetupPhase,
): Promise<Reverted | undefined> {
  if (!isThere(places.stateDirectory)) return undefined
  return withSetupLock(places, async () => {
    // Of a trial that was killed, also where nothing was installed yet.
    sweepTrials(places)
    const journal = readJournal(places)
    if (journal === undefined || journal.phase === 'reverted') return undefined
    if (seen !== undefined && journal.phase !== seen) return undefined
    return putBack(places, journal, request)
  })
}

/**
 * Takes the watcher's unit away where whoever ended the set-up was killed before that; not the unit of a
 * set-up that has begun since. Throws ERR_SETUP_STATE, ERR_SETUP_FAILED.
 */
export async function retireAfterEnd(places: SetupPlaces): Promise<void> {
  if (!isThere(places.stateDirectory)) return
  await withSetupLock(places, async () => {
    const journal = readJournal(places)
    if (journal === undefined || journal.endedAt !== undefined) clearAway(places, journal)
  })
}

/** What was there for a way back without anybody. Safe to repeat. */
function clearAway(places: SetupPlaces, journal: SetupJournal | undefined): void {
  removeSpares(journal?.files ?? [])
  spendReserve(places)
  retireWatcher(places)
}

function notWaiting(journal: SetupJournal | undefined): AppError {
  const why = {
    none: 'nothing was set up',
    installing: 'the set-up is not finished',
    'awaiting-proof': 'the set-up waits',
    reverting: 'the set-up is being taken back',
    confirmed: 'the set-up is confirmed already',
    reverted: 'the set-up was taken back',
  } as const
  return new AppError(
    'ERR_REFUSED',
    `there is nothing to confirm: ${why[journal?.phase ?? 'none']}`,
    {
      hint: 'see: otpgate setup status',
    },
  )
}
