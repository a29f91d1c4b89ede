import { Command, CommanderError } from 'commander'
import { DEFAULT_CONFIG_PATH } from '../wire.ts'
import { auditCommand } from './commands/audit.ts'
import { configCommand } from './commands/config.ts'
import { confirmCommand } from './commands/confirm.ts'
import { disableCommand } from './commands/disable.ts'
import { enrollCommand } from './commands/enroll.ts'
import { initCommand } from './commands/init.ts'
import { listCommand } from './commands/list.ts'
import { qrCommand } from './commands/qr.ts'
import { recoveryCommand } from './commands/recovery.ts'
import { resetCommand } from './commands/reset.ts'
import { showCommand } from './commands/show.ts'
import { testCommand } from './commands/test.ts'
import { unlockCommand } from './commands/unlock.ts'
import type { Cli } from './context.ts'
import { EXIT, type ExitStatus } from './exit-codes.ts'
import { reportError } from './report.ts'
import { VERSION } from './version.ts'

/** Every command, in the order in which help shows them: a new one is a file and a line here. */
const COMMANDS: readonly ((cli: Cli) => Command)[] = [
  initCommand,
  enrollCommand,
  confirmCommand,
  listCommand,
  showCommand,
  qrCommand,
  resetCommand,
  unlockCommand,
  recoveryCommand,
  testCommand,
  auditCommand,
  configCommand,
  disableCommand,
]

/** The whole command line, on one `Cli`. */
export function createProgram(cli: Cli): Command {
  const program = new Command('otpgate')
    .description('The second factor for SSH: enroll people, and get locked-out people back in.')
    .version(VERSION)
    .option('--config <file>', 'configuration file', DEFAULT_CONFIG_PATH)
    .option('--json', 'print results as JSON')
    .helpCommand('help [command]', 'show what a command does')
  for (const create of COMMANDS) program.addCommand(create(cli))
  for (const command of allCommands(program)) {
    command.exitOverride().configureOutput({
      writeOut: (text) => cli.print(text),
      writeErr: (text) => cli.talk(text.trimEnd()),
      outputError: (text, write) => write(text.replace(/^error: /, 'otpgate: ')),
      getOutHelpWidth: () => cli.terminal.columns,
      getErrHelpWidth: () => cli.terminal.columns,
    })
    command.showHelpAfterError(`hint: ${pathOf(command)} --help`)
  }
  return program
}

/** Runs one command line; its exit status where that is not for the command to say. */
export async function runProgram(
  args: readonly string[],
  cli: Cli,
): Promise<ExitStatus | undefined> {
  try {
    await createProgram(cli).parseAsync(args, { from: 'user' })
    return undefined
  } catch (error) {
    if (!(error instanceof CommanderError)) return reportError(cli, error)
    return error.exitCode === 0 ? EXIT.done : EXIT.usage
  }
}

function allCommands(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(allCommands)]
}

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`
}
