import { AppError } from '../../src/base/errors.ts'
import type { Cli, Session } from '../../src/cli/context.ts'
import type { ExitStatus } from '../../src/cli/exit-codes.ts'
import { runProgram } from '../../src/cli/program.ts'
import { parseConfig } from '../../src/config/parse-config.ts'
import type { AuditRow } from '../../src/domain/audit-event.ts'
import { verifyPolicy } from '../../src/wire.ts'
import { ALICE_ENTRY, type TestPorts } from '../support/app-fixture.ts'
import { IDLE_JOURNAL, IDLE_UPKEEP } from '../support/idle-ports.ts'

/** What is typed, or what happens while it is waited for and then is typed. */
type Answer = string | (() => Promise<string>)

/** A person who gives these answers; then there are no more, or Ctrl-C is pressed. */
export function createFakeCli(answers: readonly Answer[] = [], isInterrupted = false) {
  const said: string[] = []
  const waiting = [...answers]
  const readLine = async () => {
    const answer = waiting.shift()
    if (answer === undefined && isInterrupted) throw new AppError('ERR_REFUSED', 'interrupted')
    return typeof answer === 'function' ? answer() : answer
  }
  const cli: Cli = {
    print: () => {},
    talk: (line) => said.push(line),
    prompter: { isInteractive: false, readLine, readSecretLine: readLine, close: () => {} },
    terminal: { isTerminal: false, columns: 80, rows: 24, allowsColour: false },
    actor: () => 'root',
    invoker: () => ALICE_ENTRY,
    hostName: () => 'host',
    openSession: () => {
      throw new Error('not needed')
    },
    setStatus: () => {},
  }
  return { cli, said, waiting }
}

/** A configuration in TOML, and the rows of an audit log, where they matter. */
interface Settings {
  readonly toml?: string
  readonly rows?: readonly AuditRow[]
}

/** A session on a store in memory. */
export function toSession(ports: TestPorts, { toml = '', rows = [] }: Settings = {}): Session {
  const config = parseConfig(toml, 'otpgate.toml')
  const journal: Session['ports']['journal'] = {
    ...IDLE_JOURNAL,
    read: async ({ account }, afterSeq) =>
      rows.filter((row) => row.seq > afterSeq && (account ?? row.account) === row.account),
    verify: async () => ({ rows: rows.length, problem: undefined }),
  }
  const own = { journal, upkeep: IDLE_UPKEEP, close: () => {} }
  return { config, policy: verifyPolicy(config), ports: { ...ports, ...own } }
}

/** Runs one command line on a store in memory; what it printed, and how it ended. */
export async function runOn(
  ports: TestPorts,
  args: readonly string[],
  settings: Settings & { readonly answers?: readonly Answer[] } = {},
) {
  const { cli, said } = createFakeCli(settings.answers)
  let stdout = ''
  let wanted: ExitStatus = 0
  const status = await runProgram(args, {
    ...cli,
    print: (text) => {
      stdout += text
    },
    openSession: () => toSession(ports, settings),
    setStatus: (each) => {
      wanted = each
    },
  })
  return { status: status ?? wanted, stdout, stderr: said.join('\n') }
}
