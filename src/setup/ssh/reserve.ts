import { join } from 'node:path'
import { AppError } from '../../base/errors.ts'
import { installFile } from '../../host/install-file.ts'
import { removeFile } from '../../host/path.ts'
import { randomBytes } from '../../host/randomness.ts'
import type { SetupJournal } from './journal.ts'
import { writeJournal } from './journal-file.ts'
import type { SetupPlaces } from './places.ts'

const RESERVE_NAME = 'reserve'
const RESERVE_BYTES = 65_536
const RESERVE_MODE = 0o600

type StatePlace = Pick<SetupPlaces, 'stateDirectory'>

/** Takes room that the record will need on the way back. Throws ERR_OUTPUT_FAILED. */
export function layReserve({ stateDirectory }: StatePlace): void {
  // Zeroes take no room on some file systems.
  const bytes = randomBytes(RESERVE_BYTES)
  installFile(join(stateDirectory, RESERVE_NAME), bytes, { mode: RESERVE_MODE, uid: 0, gid: 0 })
}

/** Gives that room away. Throws ERR_OUTPUT_FAILED. */
export function spendReserve({ stateDirectory }: StatePlace): void {
  removeFile(join(stateDirectory, RESERVE_NAME))
}

/** Writes the record, from the reserve where there is no other room. Throws ERR_OUTPUT_FAILED. */
export function writeFromReserve(places: StatePlace, journal: SetupJournal): void {
  try {
    writeJournal(places, journal)
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    spendReserve(places)
    writeJournal(places, journal)
  }
}
