import { Command } from 'commander'
import { plural } from '../../base/text.ts'
import { loadConfig } from '../../wire.ts'
import { type Upgrade, upgradeDatabase } from '../../wire-upgrade.ts'
import type { Cli, CommonOptions } from '../context.ts'
import { ADMIN_TIME_LIMIT, asAdmin } from '../open-session.ts'
import { printJson } from '../report.ts'

interface UpgradeOptions extends CommonOptions {
  readonly check?: true
}

/** `otpgate upgrade`: bin/install-host runs it with the tree that is to be in force. */
export function upgradeCommand(cli: Cli): Command {
  return new Command('upgrade')
    .description('bring the database of an earlier version to the schema of this one')
    .option('--check', 'only try configuration and database, and change nothing')
    .action((_: unknown, command: Command) => upgrade(cli, command.optsWithGlobals()))
}

function upgrade(cli: Cli, { config: path, json, check }: UpgradeOptions): void {
  const isRehearsal = check ?? false
  const done = asAdmin(() => upgradeDatabase(loadConfig(path), ADMIN_TIME_LIMIT, isRehearsal))
  if (json) printJson(cli, { from: done?.from ?? null, to: done?.to ?? null, checked: isRehearsal })
  else cli.print(`${describe(done, isRehearsal)}\n`)
}

function describe(done: Upgrade | undefined, isRehearsal: boolean): string {
  if (done === undefined) return 'there is no database'
  const { from, to } = done
  if (from === to) return `the database has schema ${to}: nothing to do`
  return isRehearsal
    ? `the database has schema ${from}: ${plural(to - from, 'migration')} to ${to} would run`
    : `the database had schema ${from}, and has ${to}`
}
