import type { AuditRow } from '../../domain/audit-event.ts'
import type { ProcessMark } from '../../host/process-mark.ts'
import type { RevertReason, SetupJournal, SetupPhase } from '../ssh/journal.ts'
import type { Moment } from './countdown.ts'
import type { ProofLook, ProofPorts } from './find-proof.ts'

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
  /** Called where all goes on again that failed before, with the end of it not come yet. */
  readonly recover: () => void
  /** Called where it is another one than at the look before: what logins have come to. */
  readonly tellLook: (look: ProofLook) => void
}
