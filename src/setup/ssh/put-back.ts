import type { Now } from '../../app/ports.ts'
import { AppError } from '../../base/errors.ts'
import { toPrintable } from '../../base/text.ts'
import { installFile, removeDraft, uninstallFile } from '../../host/install-file.ts'
import { readRootFile } from '../../host/root-file.ts'
import type { ChangedFile, FileRole, RevertReason, SetupJournal } from './journal.ts'
import { writeJournal } from './journal-file.ts'
import { copyPath, lookAtFile, readOriginal } from './original.ts'
import type { SetupPlaces } from './places.ts'
import { bringSshdBack } from './take-effect.ts'
import { retireWatcher, startWatcher } from './watcher.ts'

/** What `--force` keeps of a file that somebody changed. Neither sshd nor PAM reads such a name. */
const KEPT_SUFFIX = '.otpgate-kept'

/** Why, and how, files go back. */
export interface RevertRequest {
  readonly because: RevertReason
  readonly now: Now
  /** Also what somebody else has changed since; that is kept beside it. */
  readonly force?: boolean
}

/** What a way back came to. */
export interface Reverted {
  readonly journal: SetupJournal
  /** Where changes of somebody else lie now. */
  readonly kept: readonly string[]
}

/**
 * Puts every file back as it was, the other way round: PAM first, so that the old stack is asked while
 * sshd still wants both factors; then sshd's drop-in; and the recipe last, which nobody reads by then.
 * May be cut off at any point and begun again. For whoever holds the lock. Throws ERR_REFUSED, with
 * nothing touched, where somebody else has changed a file since; ERR_SETUP_STATE; ERR_SETUP_FAILED.
 */
export async function putBack(
  places: SetupPlaces,
  journal: SetupJournal,
  { because, now, force = false }: RevertRequest,
): Promise<Reverted> {
  const { files } = journal
  const changed = files.filter((file) => lookAtFile(file) === 'changed')
  if (changed.length > 0 && !force) throw isChanged(places, changed)
  for (const file of files) if (file.original !== undefined) readOriginal(places, file)
  const isUntouched =
    journal.phase === 'installing' && files.every((file) => lookAtFile(file) === 'original')
  const reverting = { ...journal, phase: 'reverting', because } as const
  writeJournal(places, reverting)
  // Nothing watches any more, and whoever types this may be cut off as well.
  if (journal.phase === 'confirmed') await tryStartWatcher(places, journal.configPath)
  const kept = changed.flatMap(keepChanged)
  restoreRoles(places, files, 'service')
  restoreRoles(places, files, 'break-glass', 'drop-in')
  if (!isUntouched) await bringSshdBack(places, journal, because !== 'asked')
  restoreRoles(places, files, 'recipe')
  const reverted = { ...reverting, phase: 'reverted', endedAt: now() } as const
  writeJournal(places, reverted)
  retireWatcher(places)
  return { journal: reverted, kept }
}

/** The way back does not wait for it. */
async function tryStartWatcher(places: SetupPlaces, configPath: string): Promise<void> {
  try {
    await startWatcher(places, configPath)
  } catch (error) {
    if (!(error instanceof AppError)) throw error
  }
}

function restoreRoles(
  places: SetupPlaces,
  files: readonly ChangedFile[],
  ...roles: readonly FileRole[]
): void {
  for (const file of files) if (roles.includes(file.role)) restore(places, file)
}

function restore(places: SetupPlaces, file: ChangedFile): void {
  const { path, original } = file
  removeDraft(path)
  if (lookAtFile(file) === 'original') return
  if (original === undefined) uninstallFile(path)
  else installFile(path, readOriginal(places, file), original)
}

function keepChanged({ path }: ChangedFile): readonly string[] {
  const now = readRootFile(path)
  if (now === undefined) return []
  installFile(`${path}${KEPT_SUFFIX}`, now.bytes, now)
  return [`${path}${KEPT_SUFFIX}`]
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
    hint: `see: ${see}; to put back all the same, with theirs kept beside it: otpgate setup revert --force`,
  })
}
