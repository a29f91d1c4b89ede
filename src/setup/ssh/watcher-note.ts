import { join } from 'node:path'
import { ifPossible } from '../../base/errors.ts'
import { toPrintable } from '../../base/text.ts'
import { removeFile } from '../../host/path.ts'
import { replaceFile } from '../../host/replace-file.ts'
import { readStateFile } from '../../host/state-file.ts'
import type { SetupPlaces } from './places.ts'

const NOTE_NAME = 'note'
const NOTE_MODE = 0o600
const LIMIT_BYTES = 16_384

export const NOTE_KINDS = [
  // What was to end the set-up was refused, or failed; it is tried again.
  'end-failed',
  // Logins cannot be looked at.
  'look-failed',
  // A login came that may be from an older connection, or surely cannot be told from one.
  'login-unsettled',
  'login-unclear',
] as const

/** What the watcher has to say to whoever waits or asks. */
export interface WatcherNote {
  readonly kind: (typeof NOTE_KINDS)[number]
  readonly text: string
  /** What to type. */
  readonly hint: string
}

type NotePlaces = Pick<SetupPlaces, 'stateDirectory'>

/** Leaves it for others to read, in the place of the last one; a full disk keeps nobody from working. */
export function writeNote({ stateDirectory }: NotePlaces, { kind, text, hint }: WatcherNote): void {
  const lines = [kind, toPrintable(text), toPrintable(hint), ''].join('\n')
  ifPossible(() => replaceFile(join(stateDirectory, NOTE_NAME), lines, NOTE_MODE))
}

/** Nothing is to be said any more. */
export function forgetNote({ stateDirectory }: NotePlaces): void {
  ifPossible(() => removeFile(join(stateDirectory, NOTE_NAME)))
}

/** `undefined`: there is nothing to say, or it cannot be read. */
export function readNote({ stateDirectory }: NotePlaces): WatcherNote | undefined {
  const path = join(stateDirectory, NOTE_NAME)
  const bytes = ifPossible(() => readStateFile(path, LIMIT_BYTES))
  const [word, text, hint] = bytes?.toString('utf8').split('\n') ?? []
  const kind = NOTE_KINDS.find((each) => each === word)
  if (kind === undefined || text === undefined || hint === undefined) return undefined
  return { kind, text, hint }
}
