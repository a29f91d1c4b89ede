import { Command } from 'commander'
import { toPrintable } from '../../base/text.ts'
import { findConfigProblems } from '../../config/parse-config.ts'
import { renderConfig, toSettings } from '../../config/render-config.ts'
import { loadConfig, readConfigText } from '../../wire.ts'
import type { Cli, CommonOptions } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { asAdmin } from '../open-session.ts'
import { printJson } from '../report.ts'

/** `otpgate config check|show` */
export function configCommand(cli: Cli): Command {
  const check = new Command('check')
    .description('everything that is wrong with the configuration; exit status 7 if anything is')
    .action((_: unknown, command: Command) => checkConfig(cli, command.optsWithGlobals()))
  const show = new Command('show')
    .description('every setting with the value that is in force')
    .action((_: unknown, command: Command) => showConfig(cli, command.optsWithGlobals()))
  return new Command('config')
    .description('the configuration file')
    .addCommand(check)
    .addCommand(show)
}

function checkConfig(cli: Cli, { config: path, json }: CommonOptions): void {
  const text = asAdmin(() => readConfigText(path))
  const problems = findConfigProblems(text ?? '')
  if (problems.length > 0) cli.setStatus(EXIT.config)
  if (json) {
    printJson(cli, { file: path, exists: text !== undefined, problems })
    return
  }
  const shown = toPrintable(path)
  for (const { line, message, hint } of problems) {
    cli.print(`${shown} line ${line}: ${message}\n`)
    cli.print(`  hint: ${hint}\n`)
  }
  if (problems.length > 0) return
  cli.print(
    text === undefined ? `${shown} does not exist: all defaults\n` : `${shown}: no problems\n`,
  )
}

function showConfig(cli: Cli, { config: path, json }: CommonOptions): void {
  const config = asAdmin(() => loadConfig(path))
  if (json) {
    printJson(cli, toSettings(config))
    return
  }
  cli.print(renderConfig(config))
}
