import type { AuditRow } from '../../domain/audit-event.ts'
import { isSameProcess, type ProcessMark } from '../../host/process-mark.ts'
import type { RevertReason, SetupJournal, SetupPhase } from '../ssh/journal.ts'
import type { Moment } from './countdown.ts'
import { decideWatch, type WatchVerdict } from './decide-watch.ts'
import {
  createProofFinder,
  type ProofFinder,
  type ProofLook,
  type ProofPorts,
} from './find-proof.ts'

const POLL_MILLISECONDS = 1000
/** After something failed: an admin has to see to it, and each try is logged. */
const RETRY_MILLISECONDS = 30_000

/** For what is left of a step, once nobody waits for a login any more. */
const HOLDER_SECONDS = 10

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
  /** Who is at work on the files, this process aside. */
  readonly findHolder: () => ProcessMark | undefined
  /** What went wrong: with the end of it, or with the look for a proof. */
  readonly complain: (error: unknown, about: 'end' | 'look') => void
  /** Called where it is another one than at the look before: what logins have come to. */
  readonly tellLook: (look: ProofLook) => void
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
      ports.complain(error, 'end')
      await ports.pause(RETRY_MILLISECONDS)
    }
  }
}

/** One look at everything; what it came to, where that was the end. */
function createLook(ports: WatchPorts): () => Promise<WatchEnd | undefined> {
  let own: SetupJournal | undefined
  let seenSince: number | undefined
  const findProof = createProofLook(ports)
  const endStuck = createStuckEnder(ports)
  return async () => {
    const journal = ports.readJournal()
    if (journal === undefined) return 'nothing-to-do'
    own ??= journal
    // What this one knows of logins and times says nothing of a set-up that has begun since.
    if (!isSameSetup(journal, own)) return 'nothing-to-do'
    const moment = ports.moment()
    seenSince ??= moment.bootSeconds
    const proof = journal.phase === 'awaiting-proof' ? await findProof(journal) : undefined
    const verdict = decideWatch(journal, {
      ...moment,
      isInstallerRunning: ports.isRunning(journal.installer),
      installingSeconds: moment.bootSeconds - seenSince,
      hasProof: proof !== undefined,
    })
    try {
      return await act(ports, journal, verdict, proof)
    } catch (error) {
      if (!endStuck()) throw error
      return undefined
    }
  }
}

/** Each is begun by a process of its own. */
function isSameSetup({ installer }: SetupJournal, { installer: other }: SetupJournal): boolean {
  return installer.bootId === other.bootId && isSameProcess(installer, other)
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
function createProofLook({ withProofPorts, service, complain, tellLook }: WatchPorts) {
  let find: ProofFinder | undefined
  let hasComplained = false
  let told: ProofLook = { kind: 'none' }
  const tell = (look: ProofLook) => {
    if (JSON.stringify(look) !== JSON.stringify(told)) tellLook(look)
    told = look
    return look.kind === 'proof' ? look.row : undefined
  }
  return async ({ proof: start, account, configPath }: SetupJournal) => {
    if (start === undefined) return undefined
    const finder = find ?? createProofFinder({ account, service, start })
    find = finder
    try {
      return tell(await withProofPorts(configPath, finder))
    } catch (error) {
      if (!hasComplained) complain(error, 'look')
      hasComplained = true
      return undefined
    }
  }
}

/**
 * Whether somebody else is at work, for whom something failed that was to be done: who is so for long
 * was stopped in the middle (Ctrl-Z), and is ended. What is left of it can be gone on with.
 */
function createStuckEnder({ findHolder, endProcess, moment }: WatchPorts): () => boolean {
  let seen: { readonly holder: ProcessMark; readonly since: number } | undefined
  return () => {
    const holder = findHolder()
    const { bootSeconds } = moment()
    if (holder === undefined) return false
    const since = seen && isSameProcess(holder, seen.holder) ? seen.since : bootSeconds
    seen = { holder, since }
    if (bootSeconds - since >= HOLDER_SECONDS) endProcess(holder)
    return true
  }
}
