import type { Now } from '../../app/ports.ts'
import { AppError } from '../../base/errors.ts'
import { addSeconds } from '../../base/time.ts'
import { readBootTime } from '../../host/boot-clock.ts'
import { installFile } from '../../host/install-file.ts'
import { assertSshdTakes, type SshdService } from '../../host/sshd-service.ts'
import type { ProofStart, SetupJournal } from './journal.ts'
import { readJournal, writeJournal } from './journal-file.ts'
import { type Intent, noteIntent } from './note-intent.ts'
import type { SetupPlaces } from './places.ts'
import type { PlannedFile } from './plan.ts'
import { putBack } from './put-back.ts'
import type { RecipeText } from './recipe.ts'
import { laySpares } from './spare.ts'
import { assertSshdObeys, readOutsiderSettings } from './sshd-promise.ts'
import { withSetupLock } from './state-lock.ts'
import { reloadAndGreet, requireRunningSshd } from './take-effect.ts'
import { startWatcher, type Watcher } from './watcher.ts'
import { STEP_ROLES, type Step, WAY_IN } from './way.ts'

/** What is to be installed, all of it looked at and tried out. */
export interface InstallRequest extends Intent {
  readonly text: RecipeText
}

/** What installing takes from outside. */
export interface InstallPorts {
  readonly now: Now
  /** Called once everything is in place: what counts as a proof from then on. */
  readonly markProofStart: () => Promise<ProofStart>
}

/** What stands by now. */
export interface Installed {
  readonly journal: SetupJournal
  readonly watcher: Watcher
}

/**
 * Installs the files and has sshd read them; from then on the countdown runs. Whatever fails, all is put
 * back before the error is thrown: ERR_SETUP_FAILED, ERR_OUTPUT_FAILED, ERR_SETUP_STATE, ERR_REFUSED.
 */
export function installSetup(
  places: SetupPlaces,
  request: InstallRequest,
  ports: InstallPorts,
): Promise<Installed> {
  return withSetupLock(places, async () => {
    assertNothingOpen(readJournal(places))
    const sshd = requireRunningSshd(places, request.account)
    const journal = noteIntent(places, request, sshd, ports.now)
    try {
      laySpares(places, journal.files)
      const watcher = await startWatcher(places, request.configPath)
      await putInPlace(places, request, sshd)
      return { journal: await startCountdown(places, journal, ports), watcher }
    } catch (error) {
      await putAllBack(places, journal, ports.now, error)
      throw error
    }
  })
}

/** Where that fails too both are told; the watcher goes on trying once this process has ended. */
async function putAllBack(
  places: SetupPlaces,
  journal: SetupJournal,
  now: Now,
  first: unknown,
): Promise<void> {
  try {
    await putBack(places, journal, { because: 'failed', now })
  } catch (second) {
    if (!(first instanceof AppError) || !(second instanceof AppError)) throw second
    const what = `${first.message}; and it cannot all be put back: ${second.message}`
    throw new AppError('ERR_SETUP_FAILED', what, {
      hint: second.hint ?? 'see: otpgate setup status',
      cause: first,
    })
  }
}

/** Throws ERR_REFUSED while an earlier set-up is not over. */
export function assertNothingOpen(journal: SetupJournal | undefined): void {
  if (journal === undefined || journal.phase === 'confirmed' || journal.phase === 'reverted') return
  throw new AppError('ERR_REFUSED', 'an earlier set-up is not over', {
    hint: 'see: otpgate setup status; then: otpgate setup confirm, or: otpgate setup revert',
  })
}

async function putInPlace(
  places: SetupPlaces,
  request: InstallRequest,
  sshd: SshdService,
): Promise<void> {
  for (const step of WAY_IN[request.recipe]) {
    switch (step) {
      case 'drop-ins':
        installDropIns(places, request)
        break
      case 'sshd':
        await reloadAndGreet(places, request.account, sshd)
        break
      case 'recipe':
      case 'service':
        installStep(request.files, step)
    }
  }
}

/** Looked at before sshd reads them. */
function installDropIns(places: SetupPlaces, { files, account, text }: InstallRequest): void {
  const outside = readOutsiderSettings(places)
  installStep(files, 'drop-ins')
  assertSshdTakes(places)
  assertSshdObeys(places, account, text, outside)
}

function installStep(files: readonly PlannedFile[], step: Step): void {
  for (const { role, path, bytes, ownership } of files) {
    if (STEP_ROLES[step].includes(role)) installFile(path, bytes, ownership)
  }
}

async function startCountdown(
  places: SetupPlaces,
  journal: SetupJournal,
  { now, markProofStart }: InstallPorts,
): Promise<SetupJournal> {
  const proof = await markProofStart()
  const { bootId, bootSeconds } = readBootTime(places.procDirectory)
  const reloadedAt = now()
  const { timeoutSeconds } = journal
  const waiting: SetupJournal = {
    ...journal,
    phase: 'awaiting-proof',
    proof,
    reloadedAt,
    deadline: {
      at: addSeconds(reloadedAt, timeoutSeconds),
      bootId,
      bootSeconds: bootSeconds + timeoutSeconds,
    },
  }
  writeJournal(places, waiting)
  return waiting
}
