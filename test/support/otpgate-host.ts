import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type DaemonFront, layDaemonFront } from './daemon-front.ts'
import { type MachineState, readMachineState } from './machine-state.ts'
import { type ProgramResult, runProgram } from './run-program.ts'
import { openThrowawayHost, type ThrowawayHost } from './throwaway-host.ts'

const BIN = fileURLToPath(new URL('../../bin/', import.meta.url))

/** The admin's command line. */
export const COMMAND_LINE = join(BIN, 'otpgate')
/** The launcher of the Node program: for what is about that process itself. */
export const DIRECT_VERIFIER = join(BIN, 'otpgate-verify')
/**
 * What stands behind the name otpgate-verify for all others: by OTPGATE_TEST_FRONT `daemon`, for the
 * static client with a daemon of its own, or the absolute path of a program with the same arguments,
 * environment, input and exit status; else the launcher.
 */
const FRONT = process.env.OTPGATE_TEST_FRONT ?? DIRECT_VERIFIER
export const IS_DAEMON_FRONT = FRONT === 'daemon'

/** One otpgate: a configuration, a key and a database of its own, and the programs of bin/. */
export interface Otpgate {
  readonly configFile: string
  readonly databaseFile: string
  /** As a pam.d line names it: the program, then its arguments. */
  readonly verifier: readonly [program: string, ...rest: string[]]
  /** Where a daemon stands behind it. */
  readonly daemon?: DaemonFront | undefined
  /** Writes the configuration anew; `[store]` comes from here. */
  configure(toml: string): void
  /** Runs the admin's command to its end, whatever its status. */
  run(args: readonly string[], input?: string): Promise<ProgramResult>
  /** What the command printed; throws with its own words where its status is not 0. */
  require(args: readonly string[], input?: string): Promise<string>
}

/** A throw-away host with otpgate on it. `close` also throws where the machine is not as it was. */
export interface OtpgateHost extends ThrowawayHost {
  /** Lays down one more otpgate by `otpgate init`. */
  install(toml?: string): Promise<Otpgate>
}

export function openOtpgateHost(front = FRONT): OtpgateHost {
  const before = readMachineState()
  const host = openThrowawayHost()
  let installed = 0
  return {
    ...host,
    install: (toml = '') =>
      install(join(host.secretDirectory, `otpgate-${++installed}`), toml, front),
    close() {
      host.close()
      assertUnchanged(before)
    },
  }
}

async function install(directory: string, toml: string, front: string): Promise<Otpgate> {
  const configFile = join(directory, 'otpgate.toml')
  const databaseFile = join(directory, 'data', 'otpgate.db')
  const store = `[store]\npath = "${databaseFile}"\nkey_file = "${join(directory, 'master.key')}"\n`
  const run = (args: readonly string[], input = '') =>
    runProgram(COMMAND_LINE, ['--config', configFile, ...args], { input })
  mkdirSync(directory, { mode: 0o700 })
  const daemon = front === 'daemon' ? layDaemonFront(`${directory}-front`, configFile) : undefined
  const configure = (text: string) =>
    writeFileSync(configFile, `${store}${text}\n`, { mode: 0o644 })
  const otpgate: Otpgate = {
    configFile,
    databaseFile,
    verifier: daemon?.verifier ?? [front, '--config', configFile],
    daemon,
    configure: (text) => {
      configure(text)
      daemon?.reload()
    },
    run,
    require: async (args, input) => requireSuccess(args, await run(args, input)),
  }
  configure(toml)
  await otpgate.require(['init'])
  daemon?.start()
  return otpgate
}

function requireSuccess(args: readonly string[], { status, stdout, stderr }: ProgramResult) {
  if (status === 0) return stdout
  throw new Error(`otpgate ${args[0]} ended with status ${status}: ${stderr.trim()}`)
}

function assertUnchanged(before: MachineState): void {
  const after = readMachineState()
  const changed = [
    ...after.filter((line) => !before.includes(line)),
    ...before.filter((line) => !after.includes(line)).map((line) => `before: ${line}`),
  ]
  if (changed.length > 0) throw new Error(`the machine was changed:\n${changed.join('\n')}`)
}
