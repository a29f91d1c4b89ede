import type { Otpgate } from './otpgate-host.ts'
import { type ProgramResult, runProgram } from './run-program.ts'
import { readExample } from './shipped-example.ts'
import { layStandardProgram } from './standard-program.ts'
import type { HostUser, ThrowawayHost } from './throwaway-host.ts'

/** Where the shipped files say the command is. */
const INSTALLED_PROGRAM = '/usr/bin/otpgate'
/** Whom the shipped rules are for, as they are written there. */
const EVERYBODY = 'ALL ALL = '

/** An otpgate that people of this host may run through sudo as the shipped rules allow. */
export interface SelfService {
  readonly program: string
  /** Lets one more user of the test do what the rules let everybody do. */
  allow(user: HostUser): void
  /** Runs a command line of sh in the user's name, without a terminal. */
  runAs(user: HostUser, command: string, input?: string): Promise<ProgramResult>
  /** The text of a shipped file, with this program in the installed one's place. */
  fill(example: string): string
}

/** Lays it all down on the host; one for each host. */
export function openSelfService(host: ThrowawayHost, otpgate: Otpgate): SelfService {
  const program = layStandardProgram(host.directory, otpgate.configFile)
  const fill = (example: string) => {
    const text = readExample(example)
    if (!text.includes(INSTALLED_PROGRAM)) throw new Error(`${example} names no program`)
    return text.replaceAll(INSTALLED_PROGRAM, program)
  }
  return {
    program,
    allow: ({ name }) => {
      const rules = fill('sudoers.d/otpgate')
      if (!rules.includes(`\n${EVERYBODY}`)) throw new Error('the rules are for nobody')
      // Aliases are global: each file of a test needs one of its own.
      const own = rules.replaceAll('OTPGATE_SELF', `OTPGATE_${name.toUpperCase()}`)
      host.addSudoersFile(own.replace(`\n${EVERYBODY}`, `\n${name} ALL = `))
    },
    runAs: ({ name }, command, input = '') =>
      runProgram('su', [name, '-s', '/bin/sh', '-c', `cd /; ${command}`], { input }),
    fill,
  }
}
