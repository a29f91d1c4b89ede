import type { Now } from '../../app/ports.ts'
import { AppError } from '../../base/errors.ts'
import type { RevertReason, SetupJournal } from './journal.ts'
import { judgeFiles } from './judge-files.ts'
import { keepChanged } from './keep-changed.ts'
import type { SetupPlaces } from './places.ts'
import { spendReserve, writeFromReserve } from './reserve.ts'
import { retireWatcher, startWatcher } from './watcher.ts'
import { takeWayBack } from './way-back.ts'

/** Why, and how, files go back. */
export interface RevertRequest {
  readonly because: RevertReason
  readonly now: Now
  /** Also what somebody else has changed since; that is kept. */
  readonly force?: boolean
}

/** What a way back came to. */
export interface Reverted {
  readonly journal: SetupJournal
  /** Where changes of somebody else lie now. */
  readonly kept: readonly string[]
}

/**
 * Puts every file back as it was. May be cut off at any point and begun again. For whoever holds the
 * lock. Throws ERR_REFUSED, with nothing touched, where somebody else has changed a file since;
 * ERR_SETUP_STATE; ERR_SETUP_FAILED and ERR_OUTPUT_FAILED, with all put back that could be.
 */
export async function putBack(
  places: SetupPlaces,
  journal: SetupJournal,
  { because, now, force = false }: RevertRequest,
): Promise<Reverted> {
  const { changed, isUntouched } = judgeFiles(places, journal, force)
  const kept = changed.flatMap((file) => keepChanged(places, file))
  const reverting = { ...journal, phase: 'reverting', because } as const
  await goOnWithout(() => writeFromReserve(places, reverting))
  // Nothing watches any more, and whoever types this may be cut off as well.
  if (journal.phase === 'confirmed') {
    await goOnWithout(() => startWatcher(places, journal.configPath))
  }
  await takeWayBack(places, journal, { mustReload: !isUntouched, mayStart: because !== 'asked' })
  const reverted = { ...reverting, phase: 'reverted', endedAt: now() } as const
  writeFromReserve(places, reverted)
  spendReserve(places)
  retireWatcher(places)
  return { journal: reverted, kept }
}

/** The way back waits for nothing that is there to be safe against its own end. */
async function goOnWithout(act: () => unknown): Promise<void> {
  try {
    await act()
  } catch (error) {
    if (!(error instanceof AppError)) throw error
  }
}
