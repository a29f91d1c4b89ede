import type { Now } from '../../app/ports.ts'
import { AppError } from '../../base/errors.ts'
import { toPrintable } from '../../base/text.ts'
import { readBootTime } from '../../host/boot-clock.ts'
import { findOwnProcess } from '../../host/process-mark.ts'
import type { SshdService } from '../../host/sshd-service.ts'
import type { ChangedFile, SetupJournal } from './journal.ts'
import { JOURNAL_FORMAT } from './journal.ts'
import { writeJournal } from './journal-file.ts'
import { COPY_SUFFIX, keepOriginal, lookAtFile, sweepOriginals } from './original.ts'
import type { SetupPlaces } from './places.ts'
import { type PlannedFile, toChangedFile } from './plan.ts'
import { layReserve } from './reserve.ts'

/** What is meant to be done. */
export interface Intent
  extends Pick<SetupJournal, 'recipe' | 'group' | 'account' | 'configPath' | 'timeoutSeconds'> {
  readonly files: readonly PlannedFile[]
}

/**
 * Keeps the originals, and notes down what is to be done with them; in this order: a journal that is
 * there can be followed. Throws ERR_REFUSED where a file has changed since it was read for the diff.
 */
export function noteIntent(
  places: SetupPlaces,
  { files, ...request }: Intent,
  sshd: SshdService,
  now: Now,
): SetupJournal {
  const beganAt = now()
  const { bootId } = readBootTime(places.procDirectory)
  const changed = files.map((file) => {
    const copy = `${file.role}-${beganAt}${COPY_SUFFIX}`
    if (file.before !== undefined) keepOriginal(places, copy, file.before)
    return toChangedFile(file, copy)
  })
  const journal: SetupJournal = {
    format: JOURNAL_FORMAT,
    phase: 'installing',
    recipe: request.recipe,
    group: request.group,
    account: request.account,
    configPath: request.configPath,
    timeoutSeconds: request.timeoutSeconds,
    beganAt,
    installer: { ...findOwnProcess(places.procDirectory), bootId },
    sshdUnit: sshd.kind === 'process' ? undefined : sshd.unit,
    files: changed,
    reloadedAt: undefined,
    deadline: undefined,
    proof: undefined,
    because: undefined,
    endedAt: undefined,
  }
  for (const file of changed) assertOriginal(file)
  layReserve(places)
  writeJournal(places, journal)
  sweepOriginals(places, changed)
  return journal
}

function assertOriginal(file: ChangedFile): void {
  if (lookAtFile(file) === 'original') return
  throw new AppError('ERR_REFUSED', `somebody changed ${toPrintable(file.path)} just now`, {
    hint: 'run otpgate setup ssh again',
  })
}
