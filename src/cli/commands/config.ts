import { Command } from 'commander'
import { isStorageFailure } from '../../app/excuse-in-emergency.ts'
import { type PolicyWarning, reviewDevices, reviewPolicy } from '../../app/review-policy.ts'
import { toPrintable } from '../../base/text.ts'
import {
  type ConfigProblem,
  findConfigProblems,
  findLine,
  parseConfig,
} from '../../config/parse-config.ts'
import { renderConfig, toSettings } from '../../config/render-config.ts'
import { hasPamService } from '../../host/pam-service-file.ts'
import { createPasswd } from '../../host/passwd.ts'
import {
  type Config,
  loadConfig,
  openPorts,
  type Ports,
  readConfigText,
  verifyPolicy,
} from '../../wire.ts'
import type { Cli, CommonOptions } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { ADMIN_TIME_LIMIT, asAdmin } from '../open-session.ts'
import { printJson } from '../report.ts'

/** `otpgate config check|show` */
export function configCommand(cli: Cli): Command {
  const check = new Command('check')
    .description('what is wrong with the configuration: exit status 7; what is odd here: 9')
    .action((_: unknown, command: Command) => checkConfig(cli, command.optsWithGlobals()))
  const show = new Command('show')
    .description('every setting with the value that is in force')
    .action((_: unknown, command: Command) => showConfig(cli, command.optsWithGlobals()))
  return new Command('config')
    .description('the configuration file')
    .addCommand(check)
    .addCommand(show)
}

async function checkConfig(cli: Cli, { config: path, json }: CommonOptions): Promise<void> {
  const text = asAdmin(() => readConfigText(path))
  const problems = findConfigProblems(text ?? '')
  const warnings = problems.length > 0 ? [] : await findWarnings(text ?? '', path)
  if (warnings.length > 0) cli.setStatus(EXIT.problems)
  if (problems.length > 0) cli.setStatus(EXIT.config)
  if (json) {
    printJson(cli, { file: path, exists: text !== undefined, problems, warnings })
    return
  }
  const shown = toPrintable(path)
  printRemarks(cli, `${shown} line `, problems)
  printRemarks(cli, `${shown} line `, warnings, 'warning: ')
  if (problems.length > 0 || warnings.length > 0) return
  cli.print(
    text === undefined ? `${shown} does not exist: all defaults\n` : `${shown}: no problems\n`,
  )
}

function printRemarks(cli: Cli, place: string, remarks: readonly ConfigProblem[], rank = ''): void {
  for (const { line, message, hint } of remarks) {
    cli.print(`${place}${line}: ${rank}${message}\n  hint: ${hint}\n`)
  }
}

/** What a good file says that this host, or the people in its database, do not fit. */
async function findWarnings(text: string, path: string): Promise<readonly ConfigProblem[]> {
  const config = parseConfig(text, path)
  const policy = verifyPolicy(config)
  const passwd = createPasswd()
  const warnings = [
    ...reviewPolicy({ passwd, hasPamService, mayMissMembers: passwd.mayMissMembers }, policy),
    ...(await reviewPeople(config)),
  ]
  return warnings
    .map(({ path: key, message, hint }) => ({ line: findLine(text, key), message, hint }))
    .sort((a, b) => a.line - b.line)
}

/** Nobody where key and database cannot be opened, as before `otpgate init`: other commands tell why. */
async function reviewPeople(config: Config): Promise<readonly PolicyWarning[]> {
  const ports = tryOpen(config)
  if (ports === undefined) return []
  try {
    return await reviewDevices(ports.register, verifyPolicy(config))
  } finally {
    ports.close()
  }
}

function tryOpen(config: Config): Ports | undefined {
  try {
    return openPorts(config, ADMIN_TIME_LIMIT)
  } catch (error) {
    if (isStorageFailure(error)) return undefined
    throw error
  }
}

function showConfig(cli: Cli, { config: path, json }: CommonOptions): void {
  const config = asAdmin(() => loadConfig(path))
  if (json) {
    printJson(cli, toSettings(config))
    return
  }
  cli.print(renderConfig(config))
}
