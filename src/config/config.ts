import type { Exemption } from '../domain/exemption.ts'
import type { Messages } from '../domain/message.ts'
import type { NotifyEvent } from '../domain/notify-event.ts'

// Types, not interfaces: a type alias can be walked by name, which the table of keys needs.

type StoreConfig = {
  /** Absolute path of the SQLite file. */
  readonly path: string
  /** Absolute path of the file that holds the 32-byte master key. */
  readonly keyFile: string
}

type TotpConfig = {
  /** What apps show above the code; `undefined`: the host name, put in by the caller. */
  readonly issuer: string | undefined
  readonly digits: 6 | 7 | 8
  readonly periodSeconds: number
  readonly algorithm: 'SHA1' | 'SHA256' | 'SHA512'
  /** Steps accepted on either side of now. */
  readonly window: number
}

type PolicyConfig = {
  /** What becomes of people otpgate has never known. */
  readonly unenrolled: 'deny' | 'allow'
  /** PAM services, in lower case, in which a code may be the only factor of an SSH login. */
  readonly codeAlone: readonly string[]
  /** Whether people may enroll themselves without an invitation. */
  readonly selfEnroll: boolean
}

type ThrottleConfig = {
  readonly freeFailures: number
  readonly firstWaitSeconds: number
  /** Never less than `firstWaitSeconds`. */
  readonly longestWaitSeconds: number
  readonly failuresPerDay: number
  readonly lockAfter: number
}

type RememberConfig = {
  /** How long a login is remembered for after a right code; 0: not at all. */
  readonly forSeconds: number
}

type AuditConfig = {
  /** How long `otpgate maintain` leaves rows in the audit log. */
  readonly keepSeconds: number
}

type DaemonConfig = {
  /** The user that otpgated runs as; the database may belong to it. */
  readonly user: string
}

type NotifyConfig = {
  /** The program, absolute, and its arguments; empty: nobody is told anything. */
  readonly command: readonly string[]
  /** `undefined`: all. */
  readonly events: readonly NotifyEvent[] | undefined
  /** How long one run of the command may take. */
  readonly timeoutSeconds: number
}

/** The keys of otpgate.toml, read and checked. Durations are in whole seconds. */
export type Settings = {
  readonly store: StoreConfig
  readonly totp: TotpConfig
  readonly policy: PolicyConfig
  readonly throttle: ThrottleConfig
  readonly remember: RememberConfig
  readonly daemon: DaemonConfig
  /** Each one line of printable ASCII, at most 79 characters. */
  readonly messages: Messages
  readonly audit: AuditConfig
  readonly notify: NotifyConfig
}

/** What a file says in all: its keys, and its `[[exempt]]` rules in their order. */
export type Config = Settings & {
  readonly exemptions: readonly Exemption[]
}
