import { Command, CommanderError } from 'commander'
import { AppError } from '../base/errors.ts'
import { toPrintable } from '../base/text.ts'
import { DEFAULT_CONFIG_PATH } from '../wire.ts'
import { auditCommand } from './commands/audit.ts'
import { backupCommand } from './commands/backup.ts'
import { bypassCommand } from './commands/bypass/bypass.ts'
import { configCommand } from './commands/config.ts'
import { confirmCommand } from './commands/confirm.ts'
import { deviceCommand } from './commands/device/device.ts'
import { disableCommand } from './commands/disable.ts'
import { doctorCommand } from './commands/doctor.ts'
import { enrollCommand } from './commands/enroll.ts'
import { helpCommand } from './commands/help.ts'
import { initCommand } from './commands/init.ts'
import { inviteCommand } from './commands/invite.ts'
import { keyCommand } from './commands/key/key.ts'
import { listCommand } from './commands/list.ts'
import { maintainCommand } from './commands/maintain.ts'
import { metricsCommand } from './commands/metrics.ts'
import { notifyCommand } from './commands/notify.ts'
import { qrCommand } from './commands/qr.ts'
import { rebindCommand } from './commands/rebind.ts'
import { recoveryCommand } from './commands/recovery.ts'
import { removeCommand } from './commands/remove.ts'
import { resetCommand } from './commands/reset.ts'
import { restoreCommand } from './commands/restore.ts'
import { resumeCommand } from './commands/resume.ts'
import { selfCommand } from './commands/self/self.ts'
import { setupCommand } from './commands/setup/setup.ts'
import { showCommand } from './commands/show.ts'
import { sourceCommand } from './commands/source.ts'
import { statusCommand } from './commands/status.ts'
import { suspendCommand } from './commands/suspend.ts'
import { testCommand } from './commands/test.ts'
import { unlockCommand } from './commands/unlock.ts'
import { upgradeCommand } from './commands/upgrade.ts'
import { waiveCommand } from './commands/waive.ts'
import type { Cli } from './context.ts'
import { EXIT, type ExitStatus } from './exit-codes.ts'
import { printJsonError, reportError } from './report.ts'
import { VERSION } from './version.ts'

/** Every command, in the order in which help shows them: a new one is a file and a line here. */
const COMMANDS: readonly ((cli: Cli) => Command)[] = [
  initCommand,
  setupCommand,
  enrollCommand,
  confirmCommand,
  listCommand,
  showCommand,
  qrCommand,
  deviceCommand,
  resetCommand,
  unlockCommand,
  recoveryCommand,
  bypassCommand,
  sourceCommand,
  inviteCommand,
  waiveCommand,
  suspendCommand,
  resumeCommand,
  rebindCommand,
  removeCommand,
  selfCommand,
  testCommand,
  auditCommand,
  statusCommand,
  metricsCommand,
  configCommand,
  doctorCommand,
  maintainCommand,
  upgradeCommand,
  notifyCommand,
  backupCommand,
  restoreCommand,
  keyCommand,
  disableCommand,
  helpCommand,
]

/** The parser's code where it prints the help in the place of a complaint. */
const HELP_INSTEAD = 'commander.help'

/** Longest complaint about a command line; what was typed may be of any length. */
const COMPLAINT_LENGTH = 300

/** The whole command line, on one `Cli`. Nothing of it is used before a command runs. */
export function createProgram(cli: Cli): Command {
  const program = new Command('otpgate')
    .description('The second factor for SSH: enroll people, and get locked-out people back in.')
    .version(VERSION, '-V, --version', 'show the version')
    .option('--config <file>', 'configuration file', DEFAULT_CONFIG_PATH)
    .option('--json', 'print results as JSON')
  for (const create of COMMANDS) program.addCommand(create(cli))
  for (const command of allCommands(program)) {
    prepare(command, cli)
  }
  return program
}

/** What holds for every command: one way to print, to complain and to help. */
function prepare(command: Command, cli: Cli): void {
  command
    .exitOverride((end) => {
      throw end.exitCode === 0 ? end : toUsageError(end, command)
    })
    .helpCommand(false)
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => cli.print(text),
      writeErr: (text) => cli.talk(text.trimEnd()),
      outputError: () => {},
      getOutHelpWidth: () => cli.terminal.columns,
      getErrHelpWidth: () => cli.terminal.columns,
    })
}

/** The parser repeats what was typed as it is. */
function toUsageError({ code, message }: CommanderError, command: Command): AppError {
  const line = message.replace(/^error: /, '').replace(/\n(?=\(Did you mean)/, ' ')
  const what = code === HELP_INSTEAD ? 'a command is missing' : line
  return new AppError('ERR_USAGE', toPrintable(what.trimEnd(), COMPLAINT_LENGTH), {
    hint: `${pathOf(command)} --help`,
  })
}

/**
 * Runs one command line; its exit status where that is not for the command to say. An error is told on
 * stderr, and with `--json` on stdout as well, unless there is something already: one value, not two.
 */
export async function runProgram(
  args: readonly string[],
  cli: Cli,
): Promise<ExitStatus | undefined> {
  let hasPrinted = false
  const print: Cli['print'] = (...printed) => {
    hasPrinted = true
    cli.print(...printed)
  }
  try {
    await createProgram({ ...cli, print }).parseAsync(args, { from: 'user' })
    return undefined
  } catch (error) {
    if (error instanceof CommanderError) return EXIT.done
    const status = reportError(cli, error)
    // Not every command line with an error in it can be parsed.
    if (args.includes('--json') && !hasPrinted) printJsonError(cli, error)
    return status
  }
}

function allCommands(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(allCommands)]
}

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`
}
