import type { AuditRow } from '../../domain/audit-event.ts'
import type { ProcessMark } from '../../host/process-mark.ts'
import type { RevertReason, SetupJournal, SetupPhase } from '../ssh/journal.ts'
import type { Moment } from './countdown.ts'
import { decideWatch, type WatchVerdict } from './decide-watch.ts'
import { createProofFinder, type ProofFinder, type ProofPorts } from './find-proof.ts'

const POLL_MILLISECONDS = 1000
/** After something failed: an admin has to see to it, and each try is logged. */
const RETRY_MILLISECONDS = 30_000

/** All that the watcher has to do with its host. */
export interface WatchPorts {
  /** Throws where the record cannot be read. */
  readonly readJournal: () => SetupJournal | undefined
  readonly moment: () => Moment
  readonly isRunning: (mark: ProcessMark) => boolean
  readonly endProcess: (mark: ProcessMark) => void
  /** Opens the database that the set-up is for, and closes it again. */
  readonly withProofPorts: <T>(
    configPath: string,
    use: (ports: ProofPorts) => Promise<T>,
  ) => Promise<T>
  /** PAM service of sshd. */
  readonly service: string
  /** Both do nothing, and say so, where the record is no longer in this phase. */
  readonly confirm: (seen: SetupPhase, proof: AuditRow) => Promise<'done' | 'overtaken'>
  readonly revert: (seen: SetupPhase, because: RevertReason) => Promise<'done' | 'overtaken'>
  readonly pause: (milliseconds: number) => Promise<void>
  /** What went wrong, for the log. */
  readonly complain: (error: unknown) => void
}

/** `nothing-to-do`: no set-up waits for its end. */
export type WatchEnd = 'confirmed' | 'reverted' | 'nothing-to-do'

/**
 * Waits until a set-up is proven, and takes it back where that does not come in time, or whoever
 * installs it has ended in the middle. What fails is tried again: a database that cannot be read proves
 * nothing, and a file that cannot be put back may be one that an admin is just seeing to.
 */
export async function watch(ports: WatchPorts): Promise<WatchEnd> {
  const look = createLook(ports)
  for (;;) {
    try {
      const end = await look()
      if (end !== undefined) return end
      await ports.pause(POLL_MILLISECONDS)
    } catch (error) {
      ports.complain(error)
      await ports.pause(RETRY_MILLISECONDS)
    }
  }
}

/** One look at everything; what it came to, where that was the end. */
function createLook(ports: WatchPorts): () => Promise<WatchEnd | undefined> {
  let seenSince: number | undefined
  const findProof = createProofLook(ports)
  return async () => {
    const journal = ports.readJournal()
    const moment = ports.moment()
    seenSince ??= moment.bootSeconds
    const proof = journal?.phase === 'awaiting-proof' ? await findProof(journal) : undefined
    const verdict = decideWatch(journal, {
      ...moment,
      isInstallerRunning: journal !== undefined && ports.isRunning(journal.installer),
      installingSeconds: moment.bootSeconds - seenSince,
      hasProof: proof !== undefined,
    })
    return journal === undefined ? 'nothing-to-do' : act(ports, journal, verdict, proof)
  }
}

async function act(
  ports: WatchPorts,
  { phase, installer }: SetupJournal,
  verdict: WatchVerdict,
  proof: AuditRow | undefined,
): Promise<WatchEnd | undefined> {
  switch (verdict.kind) {
    case 'wait':
      return undefined
    case 'end':
      return 'nothing-to-do'
    case 'confirm':
      if (proof === undefined) return undefined
      return (await ports.confirm(phase, proof)) === 'done' ? 'confirmed' : undefined
    case 'revert':
      if (verdict.endInstaller) ports.endProcess(installer)
      return (await ports.revert(phase, verdict.because)) === 'done' ? 'reverted' : undefined
  }
}

/** A database that cannot be read must not hold up the way back; it is complained of once. */
function createProofLook({ withProofPorts, service, complain }: WatchPorts) {
  let find: ProofFinder | undefined
  let hasComplained = false
  return async ({ proof: start, account, configPath }: SetupJournal) => {
    if (start === undefined) return undefined
    const finder = find ?? createProofFinder({ account, service, start })
    find = finder
    try {
      return await withProofPorts(configPath, finder)
    } catch (error) {
      if (!hasComplained) complain(error)
      hasComplained = true
      return undefined
    }
  }
}
