import { runProgram } from '../../test/support/run-program.ts'
import { OTPGATE } from './program.ts'
import type { Screen } from './screen.ts'

/** How a command of `otpgate` ended. */
export interface CommandResult {
  readonly status: number | undefined
  readonly stdout: string
}

/** Runs `otpgate` the way an admin does. */
export interface Admin {
  /** Shows the command line and runs it, whatever its status. */
  run(...args: readonly string[]): Promise<CommandResult>
  /** The same; throws with its own words unless it ends with 0. Returns stdout. */
  require(...args: readonly string[]): Promise<string>
}

/** An admin of the host with this configuration; `--config` is not shown with each command. */
export function createAdmin(screen: Screen, configPath: string): Admin {
  async function runShown(args: readonly string[]) {
    screen.typed(['otpgate', ...args].join(' '))
    return runProgram(OTPGATE, ['--config', configPath, ...args])
  }
  return {
    run: (...args) => runShown(args),
    require: async (...args) => {
      const { status, stdout, stderr } = await runShown(args)
      if (status === 0) return stdout
      throw new Error(`otpgate ${args[0]} ended with status ${status}: ${stderr.trim()}`)
    },
  }
}
