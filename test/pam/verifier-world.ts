import { formatLogRecord } from '../../src/app/log-record.ts'
import type { LogPriority } from '../../src/app/ports.ts'
import { parseConfig } from '../../src/config/parse-config.ts'
import type { PamEnvironment } from '../../src/host/pam-env.ts'
import { runVerifier } from '../../src/pam/verify.ts'
import type { VerifierWorld } from '../../src/pam/world.ts'
import type { Ports } from '../../src/wire.ts'
import { createTestPorts, type TestPorts } from '../support/app-fixture.ts'
import { IDLE_JOURNAL, IDLE_UPKEEP } from '../support/idle-ports.ts'
import { SSH_CONNECTION } from '../support/login-fixture.ts'

/** What one run of the verifier did. */
export interface VerifierRun {
  readonly isAdmitted: boolean
  readonly logged: readonly { readonly priority: LogPriority; readonly line: string }[]
  readonly said: readonly string[]
  /** How often ports were opened, and closed. */
  readonly opened: number
  readonly closed: number
  readonly answersRead: number
}

export interface Verification {
  readonly args?: readonly string[]
  readonly environment?: Partial<PamEnvironment>
  readonly answer?: string | Buffer
  readonly ports?: TestPorts | Ports
  readonly toml?: string
  /** In place of what the world would do. */
  readonly world?: Partial<VerifierWorld>
}

/** An SSH login of alice whose key sshd has accepted, in the phase that the arguments are for. */
export function buildEnvironment(
  fields: Partial<PamEnvironment> = {},
  args: readonly string[] = [],
): PamEnvironment {
  return {
    service: 'sshd',
    user: 'alice',
    tty: 'ssh',
    remoteHost: '192.0.2.7',
    type: args.includes('--account') ? 'account' : 'auth',
    sshConnection: SSH_CONNECTION,
    sshAuthInfo: 'publickey ssh-ed25519 AAAA\n',
    ...fields,
  }
}

/** Runs the verifier in a world that notes everything it does. */
export async function verify(verification: Verification = {}): Promise<VerifierRun> {
  const { args = [], answer = '', toml = '', ports = createTestPorts() } = verification
  const logged: { priority: LogPriority; line: string }[] = []
  const said: string[] = []
  const counts = { opened: 0, closed: 0, answersRead: 0 }
  const world: VerifierWorld = {
    readEnvironment: () => buildEnvironment(verification.environment, args),
    readAnswer: () => {
      counts.answersRead++
      return Buffer.from(answer)
    },
    limitTime: () => {},
    loadConfig: (path) => parseConfig(toml, path),
    openPorts: () => {
      counts.opened++
      return {
        journal: IDLE_JOURNAL,
        upkeep: IDLE_UPKEEP,
        ...ports,
        close: () => void counts.closed++,
      }
    },
    openAccounts: () => ({ register: ports.register, close: () => {} }),
    openPasswd: () => ports.passwd,
    passwords: { isRight: () => false },
    now: ports.now,
    logAuth: (record) =>
      void logged.push({ priority: record.priority, line: formatLogRecord(record) }),
    say: (line) => void said.push(line),
    ...verification.world,
  }
  const isAdmitted = await runVerifier(args, '/etc/otpgate/otpgate.toml', world)
  return { isAdmitted, logged, said, ...counts }
}
