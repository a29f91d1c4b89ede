import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ProgramResult, runProgram } from '../support/run-program.ts'
import type { ThrowawayHost } from '../support/throwaway-host.ts'

const PROGRAM = join(import.meta.dirname, '../../bin/otpgate')

/** One otpgate on a host, and how its admin runs it. */
export interface AdminShell {
  /** For the data of the test; 0700. */
  readonly directory: string
  /** `otpgate` as sh has to write it: program and configuration. */
  readonly otpgate: string
  run(args: readonly string[], input?: string): Promise<ProgramResult>
  /** The JSON that the command prints; throws where its exit status is another. */
  readJson(args: readonly string[], input?: string, status?: number): Promise<unknown>
}

/** Lays down configuration, key and database, in a directory that nothing else uses. */
export async function openAdminShell(host: ThrowawayHost, name: string): Promise<AdminShell> {
  const directory = join(host.secretDirectory, name)
  const config = join(directory, 'otpgate.toml')
  mkdirSync(directory)
  writeFileSync(
    config,
    `[store]\npath = "${directory}/otpgate.db"\nkey_file = "${directory}/master.key"\n` +
      `[totp]\nissuer = "bastion.example.org"\n`,
  )
  const run = (args: readonly string[], input = '') =>
    runProgram(PROGRAM, ['--config', config, ...args], { input })
  const shell: AdminShell = {
    directory,
    otpgate: `${PROGRAM} --config ${config}`,
    run,
    readJson: async (args, input, status = 0) => {
      const result = await run([...args, '--json'], input)
      if (result.status === status) return JSON.parse(result.stdout)
      throw new Error(`${args[0]} ended with ${result.status}: ${result.stderr}`)
    },
  }
  await shell.readJson(['init'])
  return shell
}
