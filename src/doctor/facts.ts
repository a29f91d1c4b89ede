import type { AccountSummary } from '../app/ports.ts'
import type { AppError } from '../base/errors.ts'
import type { UnixSeconds } from '../base/time.ts'
import type { Config } from '../config/config.ts'
import type { Device } from '../domain/device.ts'
import type { Person } from '../host/login-person.ts'
import type { PamFile } from '../host/pam-file.ts'
import type { SshdAnswer, SshdLogin } from '../host/sshd-answer.ts'
import type { SshdLine } from '../host/sshd-config-file.ts'

/** Where a host keeps what is looked at. */
export interface HostPlaces {
  readonly sshd: string
  readonly sshdConfig: string
  /** In the order in which PAM looks. */
  readonly pamDirectories: readonly string[]
  /** The directory of this installation. */
  readonly programRoot: string
  readonly getent: string
  readonly logSocket: string
  readonly timedatectl: string
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

/** What opening key and database came to. */
export type StoreFacts =
  | {
      readonly kind: 'open'
      readonly accounts: readonly AccountFacts[]
      readonly rootDevices: readonly Device[]
    }
  | { readonly kind: 'failed'; readonly error: AppError }

/** A file, or a directory above it, that somebody else could change, and what to type. */
export interface FileFlaw {
  readonly what: string
  readonly fix: string
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
  readonly sshdLines: readonly SshdLine[]
  readonly pamFiles: readonly PamFile[]
  /** Verifiers that PAM files name, and what is wrong with some of them, by path. */
  readonly verifierPaths: readonly string[]
  readonly verifierFlaws: ReadonlyMap<string, string>
  readonly fileFlaws: readonly FileFlaw[]
  /** Paths of the installation that others could change. */
  readonly changeable: readonly string[]
  /** `undefined`: the passwd database could not be asked. */
  readonly people: readonly Person[] | undefined
  readonly disk: DiskRoom | undefined
  readonly hasLogSocket: boolean
  /** `undefined`: nobody could be asked. */
  readonly isClockSynchronized: boolean | undefined
}
