import type { LoginWorld } from '../app/conduct-login.ts'
import type { PamEnvironment } from '../host/pam-env.ts'
import type { Config, KeylessStorage, Ports } from '../wire.ts'

/** What the verifier does with the world; tests put their own in its place. */
export interface VerifierWorld extends Omit<LoginWorld, 'openPorts' | 'openAccounts'> {
  readonly readEnvironment: () => PamEnvironment
  /** At most 512 bytes from stdin. */
  readonly readAnswer: () => Buffer
  /** No yes after so many milliseconds from now. */
  readonly limitTime: (milliseconds: number) => void
  readonly loadConfig: (path: string) => Config
  readonly openPorts: (config: Config) => Ports
  /** Without the key, where `openPorts` fails. */
  readonly openAccounts: (config: Config) => KeylessStorage
}
