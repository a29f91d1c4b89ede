import type { PasswdEntry } from '../app/ports.ts'
import type { Config } from '../config/config.ts'
import type { VerifyPolicy } from '../domain/standing.ts'
import type { Prompter } from '../host/prompt.ts'
import type { Terminal } from '../host/tty.ts'
import type { Ports } from '../wire.ts'
import type { ExitStatus } from './exit-codes.ts'

/** What every command works with; tests put their own in its place. */
export interface Cli {
  /** Results: stdout. `waysBack`: commands that help where it is lost and nothing else shows it. */
  readonly print: (text: string | Uint8Array, ...waysBack: readonly string[]) => void
  /** Everything said to the person: stderr. */
  readonly talk: (line: string) => void
  readonly prompter: Prompter
  /** What stdout is. */
  readonly terminal: Terminal
  /** Who runs the command, for the audit. */
  readonly actor: () => string
  /** For whom sudo runs it, for what people do themselves. Throws ERR_NOT_PERMITTED. */
  readonly invoker: () => PasswdEntry
  /** How the person would type what helps further; without it, an admin reads. */
  readonly ways?: OwnWays
  readonly hostName: () => string
  readonly openSession: (configPath: string) => Session
  /** Ends the run with this status unless an error says otherwise. */
  readonly setStatus: (status: ExitStatus) => void
}

/** Commands for a person's own second factor. */
export interface OwnWays {
  /** Starts what is being done once more. */
  readonly again: string
  /** Makes new recovery codes. */
  readonly recoveryCodes: string
}

/** An open database with the configuration it was found by. */
export interface Session {
  readonly config: Config
  readonly policy: VerifyPolicy
  readonly ports: Ports
}

/** Options that every command takes. */
export interface CommonOptions {
  readonly config: string
  readonly json?: true
}

/** Runs `use` on an open session, and closes it however it ends. */
export async function withSession<T>(
  cli: Cli,
  options: CommonOptions,
  use: (session: Session) => Promise<T>,
): Promise<T> {
  const session = cli.openSession(options.config)
  try {
    return await use(session)
  } finally {
    session.ports.close()
  }
}
