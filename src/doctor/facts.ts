import type { SecretCheck } from '../app/check-secrets.ts'
import type { Backlog } from '../app/count-untold.ts'
import type { AccountSummary, AuditVerification } from '../app/ports.ts'
import type { AppError } from '../base/errors.ts'
import type { UnixSeconds } from '../base/time.ts'
import type { Config } from '../config/config.ts'
import type { Device } from '../domain/device.ts'
import type { DaemonState } from '../host/daemon-probe.ts'
import type { KeyNeighbours } from '../host/key-neighbour.ts'
import type { Person } from '../host/login-person.ts'
import type { PamFile } from '../host/pam-file.ts'
import type { ServiceState } from '../host/service-unit.ts'
import type { SshdAnswer, SshdLogin } from '../host/sshd-answer.ts'
import type { SshdLine } from '../host/sshd-config-file.ts'
import type { PamLine } from './pam-line.ts'

/** Where a host keeps what is looked at. */
export interface HostPlaces {
  readonly sshd: string
  readonly sshdConfig: string
  /** In the order in which PAM looks. */
  readonly pamDirectories: readonly string[]
  /** The directory of this installation. */
  readonly programRoot: string
  /** The path of its verifier that stays through an upgrade. */
  readonly verifier: string
  /** What lines without `--config` go by. */
  readonly usualConfig: string
  readonly getent: string
  readonly logSocket: string
  readonly timedatectl: string
  readonly systemctl: string
  /** Where systemd looks for units, the first wins. */
  readonly unitDirectories: readonly string[]
  readonly daemonSocket: string
  /** Where `otpgate setup ssh` keeps its record. */
  readonly setupState: string
  /** Of proc(5). */
  readonly proc: string
}

/** The login that settings are asked for. */
export interface ExaminedLogin extends SshdLogin {
  /** PAM service, in lower case. */
  readonly service: string
}

/** One account, and whom the passwd database has under its name now. */
export interface AccountFacts extends AccountSummary {
  readonly uidNow: number | undefined
}

/** A line of the verifier, and the configuration that it goes by. */
export interface StrayCall {
  readonly line: PamLine
  readonly configPath: string
}

/** What the last `otpgate setup ssh` came to; `changed`: paths of its files that are others by now. */
export type SshSetup =
  | { readonly kind: 'none' | 'cut-off' | 'awaiting-proof' }
  | { readonly kind: 'confirmed'; readonly changed: readonly string[] }
  | { readonly kind: 'unreadable'; readonly what: string }

/** How the admin's command is told. */
export interface NoticeFacts {
  readonly isRunning: boolean
  /** `undefined`: it was never told anything. */
  readonly backlog: Backlog | 'damaged' | undefined
}

/** A device, and the name of its account. */
export interface OwnedDevice {
  readonly owner: string
  readonly device: Device
}

/** What opening key and database came to. */
export type StoreFacts =
  | {
      readonly kind: 'open'
      readonly accounts: readonly AccountFacts[]
      readonly devices: readonly OwnedDevice[]
      readonly secrets: SecretCheck
      /** Of the newest rows of the audit log. */
      readonly auditEnd: AuditVerification
    }
  | { readonly kind: 'failed'; readonly error: AppError }

/** A file, or a directory above it, that somebody else could change, and what to type. */
export interface FileFlaw {
  readonly what: string
  readonly fix: string
}

/** The daemon, as far as it is there. */
export interface DaemonFacts {
  /** Whether systemd is to listen for it from boot on. */
  readonly isSwitchedOn: boolean
  readonly state: DaemonState
  /** Why somebody else could listen or ask at its socket. */
  readonly socketFlaw: string | undefined
  /** Whether the passwd database has `[daemon] user`. */
  readonly hasUser: boolean
  /** The file that its unit takes the key from. */
  readonly credential: string | undefined
  /** `undefined`: it does not run, or systemd does not say. */
  readonly service: ServiceState | undefined
  /** When the program, and the key file, last changed. */
  readonly programChangedAt: UnixSeconds | undefined
  readonly keyChangedAt: UnixSeconds | undefined
}

/** Room on the file system of the database. */
export interface DiskRoom {
  readonly freeBytes: number
  /** `undefined`: the file system does not count them. */
  readonly freeInodes: number | undefined
}

/** All that checks look at, gathered at one moment. */
export interface DoctorFacts {
  readonly now: UnixSeconds
  readonly places: HostPlaces
  readonly login: ExaminedLogin
  readonly config: Config | AppError
  readonly store: StoreFacts
  readonly sshd: SshdAnswer
  /** The same for root. */
  readonly sshdForRoot: SshdAnswer
  /** Of the groups that lines of the verifier name, those that the person is in. */
  readonly codeGroups: readonly string[]
  /** How many files a login of sshd may open at most; `undefined`: nobody can tell. */
  readonly descriptorLimit: number | undefined
  readonly sshdLines: readonly SshdLine[]
  readonly pamFiles: readonly PamFile[]
  /** Verifiers that PAM files name, and what is wrong with some of them, by path. */
  readonly verifierPaths: readonly string[]
  readonly verifierFlaws: ReadonlyMap<string, string>
  /** Those of them that are not of this installation. */
  readonly foreignVerifiers: readonly string[]
  /** Lines that go by another configuration than the examined one. */
  readonly strayCalls: readonly StrayCall[]
  /** The examined one, absolute. */
  readonly configPath: string
  readonly fileFlaws: readonly FileFlaw[]
  /** Paths of the installation that others could change. */
  readonly changeable: readonly string[]
  /** `undefined`: the passwd database could not be asked. */
  readonly people: readonly Person[] | undefined
  readonly disk: DiskRoom | undefined
  readonly hasLogSocket: boolean
  /** `undefined`: the configuration cannot be read. */
  readonly daemon: DaemonFacts | undefined
  readonly keyNeighbours: KeyNeighbours | undefined
  readonly sshSetup: SshSetup
  /** `undefined`: there is no command; `unknown`: the database cannot be opened. */
  readonly notices: NoticeFacts | 'unknown' | undefined
  /** What a killed `init` has left behind: paths. */
  readonly unfinished: readonly string[]
  /** `undefined`: nobody could be asked. */
  readonly isClockSynchronized: boolean | undefined
}
