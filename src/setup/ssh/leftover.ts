import { AppError } from '../../base/errors.ts'
import { toPrintable } from '../../base/text.ts'
import type { ChangedFile, SetupJournal } from './journal.ts'
import { lookAtFile } from './original.ts'

/**
 * Throws ERR_REFUSED where a confirmed set-up is in place in part, as where dpkg has put one of its files
 * back: a new one would take the rest for originals, and lose the way back of the first.
 */
export function assertNothingLeft(journal: SetupJournal | undefined): void {
  if (journal?.phase !== 'confirmed') return
  const left = journal.files.filter((file) => lookAtFile(file) === 'installed')
  if (left.length === 0 || left.length === journal.files.length) return
  const what = `an earlier set-up is still there in part: ${namesOf(left)}`
  throw new AppError('ERR_REFUSED', what, { hint: 'take it back first: otpgate setup revert' })
}

/** Throws ERR_SETUP_STATE where a file is no longer as set-up has left it. */
export function assertInPlace({ files }: SetupJournal): void {
  const others = files.filter((file) => lookAtFile(file) !== 'installed')
  if (others.length === 0) return
  const what = `nothing is confirmed: somebody else has changed ${namesOf(others)} since`
  throw new AppError('ERR_SETUP_STATE', what, {
    hint: 'see: otpgate setup status; then: otpgate setup revert',
  })
}

function namesOf(files: readonly ChangedFile[]): string {
  return files.map(({ path }) => toPrintable(path)).join(', ')
}
