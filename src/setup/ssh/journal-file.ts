import { join } from 'node:path'
import { ensureDirectory } from '../../host/path.ts'
import { replaceFile } from '../../host/replace-file.ts'
import { readStateFile } from '../../host/state-file.ts'
import type { SetupJournal } from './journal.ts'
import { parseJournal } from './parse-journal.ts'
import type { SetupPlaces } from './places.ts'

const JOURNAL_NAME = 'journal.json'
const DIRECTORY_MODE = 0o700
const JOURNAL_MODE = 0o600
const JOURNAL_LIMIT_BYTES = 262_144

type StatePlace = Pick<SetupPlaces, 'stateDirectory'>

/**
 * The record of the last set-up; `undefined`: there never was one. Throws ERR_SETUP_STATE where others
 * than root could have written it, or it cannot be understood.
 */
export function readJournal({ stateDirectory }: StatePlace): SetupJournal | undefined {
  const path = join(stateDirectory, JOURNAL_NAME)
  const bytes = readStateFile(path, JOURNAL_LIMIT_BYTES)
  return bytes === undefined ? undefined : parseJournal(bytes.toString('utf8'), path)
}

/** Writes the record, all of it or nothing, and synced. Throws ERR_OUTPUT_FAILED. */
export function writeJournal({ stateDirectory }: StatePlace, journal: SetupJournal): void {
  ensureDirectory(stateDirectory, DIRECTORY_MODE)
  const text = `${JSON.stringify(journal, undefined, 2)}\n`
  replaceFile(join(stateDirectory, JOURNAL_NAME), text, JOURNAL_MODE)
}
