import type { UnixSeconds } from '../../base/time.ts'
import type { BootTime } from '../../host/boot-clock.ts'
import type { ProcessMark } from '../../host/process-mark.ts'

export const JOURNAL_FORMAT = 1

export const RECIPES = ['key+code', 'password+code'] as const
/** How people log in once set-up is done. */
export type Recipe = (typeof RECIPES)[number]

export const PHASES = [
  // Files are being changed, by `installer`, or it was killed while it did.
  'installing',
  // All is in place, and goes back at `deadline` unless somebody logs in, or says so.
  'awaiting-proof',
  // Files are being put back, or somebody was killed while doing so.
  'reverting',
  // The end, either way. The record stays, so that a confirmed set-up has a way back.
  'confirmed',
  'reverted',
] as const
/** How far a set-up has come. */
export type SetupPhase = (typeof PHASES)[number]

export const REVERT_REASONS = ['no-proof', 'asked', 'failed', 'interrupted'] as const
/** Why files go back: nobody logged in, an admin said so, a step failed, the installer was killed. */
export type RevertReason = (typeof REVERT_REASONS)[number]

/** What a file is; sha256 in lower-case hex. */
export interface FileState {
  readonly sha256: string
  readonly mode: number
  readonly uid: number
  readonly gid: number
}

export const FILE_ROLES = ['drop-in', 'break-glass', 'recipe', 'service'] as const
/** sshd's drop-ins, the recipe's lines for PAM, and sshd's PAM service, which includes them. */
export type FileRole = (typeof FILE_ROLES)[number]

/** One file that set-up changes. */
export interface ChangedFile {
  readonly role: FileRole
  readonly path: string
  /** `undefined`: there was none. */
  readonly original: FileState | undefined
  /** Name of the copy in the state directory; `undefined`: there was no original. */
  readonly copy: string | undefined
  readonly installed: FileState
}

/** When everything goes back, by both clocks: either may be set, or stand still. */
export interface RevertDeadline extends BootTime {
  readonly at: UnixSeconds
}

/** What counts as a proof: a login from after this. */
export interface ProofStart {
  /** The newest row of the audit log by then. */
  readonly afterSeq: number
  /** sshd's processes of connections that were open by then, and nobody had logged in on yet. */
  readonly openConnections: readonly ProcessMark[]
}

/** The record of one set-up, from before its first change. */
export interface SetupJournal {
  readonly format: typeof JOURNAL_FORMAT
  readonly phase: SetupPhase
  readonly recipe: Recipe
  /** Whose members alone are asked for a code; `undefined`: everybody is. */
  readonly group: string | undefined
  /** Whose login is the proof. */
  readonly account: string
  /** otpgate.toml. */
  readonly configPath: string
  readonly beganAt: UnixSeconds
  readonly timeoutSeconds: number
  /** Who changes the files; once it has ended in phase `installing`, they go back. */
  readonly installer: ProcessMark & Pick<BootTime, 'bootId'>
  /** systemd's unit of sshd, or of its socket; `undefined`: it is a process of its own. */
  readonly sshdUnit: string | undefined
  readonly files: readonly ChangedFile[]
  /** `undefined` until everything is in place. */
  readonly reloadedAt: UnixSeconds | undefined
  readonly deadline: RevertDeadline | undefined
  readonly proof: ProofStart | undefined
  /** From phase `reverting` on. */
  readonly because: RevertReason | undefined
  /** `undefined` before `confirmed` and `reverted`. */
  readonly endedAt: UnixSeconds | undefined
}
