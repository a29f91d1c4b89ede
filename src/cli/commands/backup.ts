import { resolve } from 'node:path'
import { Command } from 'commander'
import { plural, toPrintable } from '../../base/text.ts'
import { type Config, loadConfig } from '../../wire.ts'
import { type Backup, writeBackup } from '../../wire-backup.ts'
import { findKeyPath } from '../../wire-key.ts'
import type { Cli, CommonOptions } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { ADMIN_TIME_LIMIT, asAdmin } from '../open-session.ts'
import { printJson } from '../report.ts'

/** `otpgate backup FILE` */
export function backupCommand(cli: Cli): Command {
  return new Command('backup')
    .description('copy the database as it is now into a new file; logins go on meanwhile')
    .argument('<file>', 'is made, 0600; never in the place of another')
    .action((file: string, _: unknown, command: Command) =>
      backUp(cli, resolve(file), command.optsWithGlobals()),
    )
}

function backUp(cli: Cli, file: string, { config: path, json }: CommonOptions): void {
  const config = asAdmin(() => loadConfig(path))
  const made = asAdmin(() => writeBackup(config, ADMIN_TIME_LIMIT, file))
  const { people, audit, unread, keyId, keyIds } = made
  if (audit.problem !== undefined || unread.length > 0) cli.setStatus(EXIT.problems)
  if (json) {
    const key = { key_id: keyId, key_file: findKeyPath(config, keyId), key_ids: keyIds }
    const problem = audit.problem ?? null
    printJson(cli, {
      file,
      accounts: people,
      audit_rows: audit.rows,
      audit_problem: problem,
      unread,
      ...key,
    })
    return
  }
  const content = `${plural(people, 'account')}, ${plural(audit.rows, 'audit row')}`
  cli.print(`backup  ${toPrintable(file)} (${content})\n`)
  printKeys(cli, config, keyIds)
  cli.talk('who has both has every secret, and who has lost either has none.')
  warnOfProblems(cli, made)
}

function warnOfProblems(cli: Cli, { audit: { problem }, unread }: Backup): void {
  const [first] = unread
  if (first !== undefined) cli.talk(`the database holds what cannot be read: ${first}`)
  if (problem !== undefined) {
    cli.talk(`the audit log does not hold at row ${problem.seq}: ${problem.what}`)
  }
  if (first === undefined && problem === undefined) return
  cli.talk('hint: otpgate restore will not take this backup; see: otpgate audit verify')
}

function printKeys(cli: Cli, config: Config, keyIds: readonly string[]): void {
  for (const keyId of keyIds) {
    const path = findKeyPath(config, keyId)
    cli.print(`key     ${keyId}, which is in ${toPrintable(path)} and not in the backup\n`)
  }
  if (keyIds.length === 1) {
    cli.talk('The backup opens with that key alone. Keep a copy of the key in another place:')
    return
  }
  cli.talk('The master key is being changed: this backup opens with both keys together.')
  cli.talk('Make another one after: otpgate key rotate. Keep copies of keys in another place:')
}
