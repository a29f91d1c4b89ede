import type { LogAuth, Now, Passwd, PasswordCheck } from '../app/ports.ts'
import type { PamEnvironment } from '../host/pam-env.ts'
import type { Config, KeylessStorage, Ports } from '../wire.ts'

/** What the verifier does with the world; tests put their own in its place. */
export interface VerifierWorld {
  readonly readEnvironment: () => PamEnvironment
  /** At most 512 bytes from stdin. */
  readonly readAnswer: () => Buffer
  readonly loadConfig: (path: string) => Config
  readonly openPorts: (config: Config) => Ports
  /** Without the key, where `openPorts` fails. */
  readonly openAccounts: (config: Config) => KeylessStorage
  /** Of the host, for what needs no configuration. */
  readonly openPasswd: () => Passwd
  readonly passwords: PasswordCheck
  readonly now: Now
  readonly logAuth: LogAuth
  /** One line to the person who logs in. */
  readonly say: (line: string) => void
}
