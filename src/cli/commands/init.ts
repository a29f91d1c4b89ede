import { resolve } from 'node:path'
import { Command } from 'commander'
import { AppError } from '../../base/errors.ts'
import { toPrintable } from '../../base/text.ts'
import { randomBytes } from '../../host/randomness.ts'
import {
  beginDatabase,
  endDatabase,
  ensureConfigFile,
  ensureKeyFile,
  isNewDatabase,
} from '../../setup/host-file.ts'
import {
  type ProgramFiles,
  readProgramFiles,
  verifierArgumentsFor,
} from '../../setup/program-file.ts'
import {
  type Config,
  DEFAULT_CONFIG_PATH,
  loadConfig,
  MASTER_KEY_BYTES,
  PROGRAM_ROOT,
  prepareStorage,
} from '../../wire.ts'
import type { Cli, CommonOptions } from '../context.ts'
import { ADMIN_TIME_LIMIT, asAdmin } from '../open-session.ts'
import { printJson } from '../report.ts'

interface Step {
  readonly path: string
  readonly state: 'made' | 'upgraded' | 'was there'
}

interface InitOptions extends CommonOptions {
  readonly newDatabase?: true
}

/** `otpgate init` */
export function initCommand(cli: Cli): Command {
  return new Command('init')
    .description('make key, database and configuration where they are missing; safe to repeat')
    .option('--new-database', 'make one for a key that is there: nobody is enrolled then')
    .action((_: unknown, command: Command) => init(cli, command.optsWithGlobals()))
}

function init(cli: Cli, { config, json, newDatabase }: InitOptions): void {
  // The lines for pam.d name it, and pam_exec runs in no directory one could know.
  const configPath = resolve(config)
  const files = readProgramFiles(
    PROGRAM_ROOT,
    verifierArgumentsFor(configPath, DEFAULT_CONFIG_PATH),
  )
  const steps = asAdmin(() => makeHost(configPath, files, newDatabase ?? false))
  if (json) {
    printJson(cli, steps)
    return
  }
  for (const [what, { path, state }] of Object.entries(steps)) {
    cli.print(`${what.padEnd(15)}${toPrintable(path)} (${state})\n`)
  }
  for (const line of nextSteps(files)) cli.talk(line)
}

/** In this order: the configuration says where key and database are. */
function makeHost(
  configPath: string,
  files: ProgramFiles,
  isNewDatabaseWanted: boolean,
): Readonly<Record<string, Step>> {
  const isNewConfig = lookAgain(() => ensureConfigFile(configPath, files.config))
  const config = loadConfig(configPath)
  const { path, keyFile } = config.store
  if (isNewDatabaseWanted) beginDatabase(path)
  const isNewKey = lookAgain(() => ensureKeyFile(keyFile, path, MASTER_KEY_BYTES, randomBytes))
  return {
    configuration: { path: configPath, state: isNewConfig ? 'made' : 'was there' },
    key: { path: keyFile, state: isNewKey ? 'made' : 'was there' },
    database: { path, state: lookAgain(() => makeDatabase(config)) },
  }
}

function makeDatabase(config: Config): Step['state'] {
  const { path } = config.store
  const isNew = isNewDatabase(path)
  const migrations = prepareStorage(config, ADMIN_TIME_LIMIT)
  endDatabase(path)
  // Where another run was quicker there was nothing left to do.
  if (migrations === 0) return 'was there'
  return isNew ? 'made' : 'upgraded'
}

/** Another `init` may make what was not there a moment ago: then it is there, and that is as good. */
function lookAgain<T>(make: () => T): T {
  try {
    return make()
  } catch (error) {
    const mayBeThereNow =
      error instanceof AppError &&
      (error.code === 'ERR_OUTPUT_EXISTS' || error.code === 'ERR_KEY_MISSING')
    if (!mayBeThereNow) throw error
    return make()
  }
}

function nextSteps({ pamRecipe, sshdConfig }: ProgramFiles): readonly string[] {
  return [
    '',
    'Next: enroll yourself (otpgate enroll YOU), then: otpgate setup ssh',
    '',
    'It writes what follows, and takes it back unless you log in. By hand, keep a root',
    'shell open while you try it:',
    '',
    'Into a new file /etc/pam.d/otpgate-key-then-code:',
    ...withoutComments(pamRecipe),
    '',
    'In /etc/pam.d/sshd, in place of "@include common-auth":',
    '    @include otpgate-key-then-code',
    '',
    'In /etc/ssh/sshd_config.d/00-otpgate.conf:',
    ...withoutComments(sshdConfig),
    '',
    'Then: sshd -t && systemctl reload ssh',
  ]
}

/** The comments explain the lines in the files themselves; here they would bury them. */
function withoutComments(text: string): readonly string[] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => `    ${line}`)
}
