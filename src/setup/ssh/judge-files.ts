import { AppError } from '../../base/errors.ts'
import { toPrintable } from '../../base/text.ts'
import type { ChangedFile, SetupJournal } from './journal.ts'
import { copyPath, lookAtFile } from './original.ts'
import type { SetupPlaces } from './places.ts'
import { assertRestorable } from './spare.ts'

/** What is there at the beginning of a way back. */
export interface Judged {
  /** What somebody else has changed since. */
  readonly changed: readonly ChangedFile[]
  /** Nothing was put in place yet, so sshd has read nothing of it. */
  readonly isUntouched: boolean
}

/**
 * Looks at all files before any is touched. Throws ERR_REFUSED where somebody else has changed one, but
 * for `force`, or it cannot be looked at; ERR_SETUP_STATE where an original is lost.
 */
export function judgeFiles(
  places: SetupPlaces,
  { files, phase }: SetupJournal,
  force: boolean,
): Judged {
  const now = files.map((file) => ({ file, state: lookAtFile(file) }))
  const changed = now.filter(({ state }) => state === 'changed').map(({ file }) => file)
  if (changed.length > 0 && !force) throw isChanged(places, changed)
  for (const { file, state } of now) if (state !== 'original') assertRestorable(places, file)
  const isUntouched = phase === 'installing' && now.every(({ state }) => state === 'original')
  return { changed, isUntouched }
}

function isChanged(places: SetupPlaces, changed: readonly ChangedFile[]): AppError {
  const [first] = changed
  const names = changed.map(({ path }) => toPrintable(path)).join(', ')
  const see =
    first?.original === undefined
      ? `cat ${toPrintable(first?.path ?? '')}`
      : `diff -u ${toPrintable(copyPath(places, first))} ${toPrintable(first.path)}`
  const what = `nothing is put back: somebody else has changed ${names} since`
  return new AppError('ERR_REFUSED', what, {
    hint: `see: ${see}; to put back all the same, with theirs kept: otpgate setup revert --force`,
  })
}
