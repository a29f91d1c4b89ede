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
}

type ThrottleConfig = {
  readonly freeFailures: number
  readonly firstWaitSeconds: number
  /** Never less than `firstWaitSeconds`. */
  readonly longestWaitSeconds: number
  readonly failuresPerDay: number
  readonly lockAfter: number
}

type MessagesConfig = {
  /** One line of printable ASCII, at most 79 characters. */
  readonly prompt: string
}

/** otpgate.toml, read and checked. Durations are in whole seconds. */
export type Config = {
  readonly store: StoreConfig
  readonly totp: TotpConfig
  readonly policy: PolicyConfig
  readonly throttle: ThrottleConfig
  readonly messages: MessagesConfig
}
