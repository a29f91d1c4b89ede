import { resolve } from 'node:path'
import { Command } from 'commander'
import { plural, toPrintable } from '../../base/text.ts'
import { loadConfig } from '../../wire.ts'
import { writeBackup } from '../../wire-backup.ts'
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
  const { keyFile } = config.store
  const { people, audit, keyId } = asAdmin(() => writeBackup(config, ADMIN_TIME_LIMIT, file))
  if (audit.problem !== undefined) cli.setStatus(EXIT.problems)
  if (json) {
    const key = { key_id: keyId, key_file: keyFile }
    const problem = audit.problem ?? null
    printJson(cli, {
      file,
      accounts: people,
      audit_rows: audit.rows,
      audit_problem: problem,
      ...key,
    })
    return
  }
  const content = `${plural(people, 'account')}, ${plural(audit.rows, 'audit row')}`
  cli.print(`backup  ${toPrintable(file)} (${content})\n`)
  cli.print(`key     ${keyId}, which is in ${toPrintable(keyFile)} and not in the backup\n`)
  cli.talk('The backup opens with that key alone. Keep a copy of the key in another place:')
  cli.talk('who has both has every secret, and who has lost either has none.')
  if (audit.problem === undefined) return
  cli.talk(`the audit log does not hold at row ${audit.problem.seq}: ${audit.problem.what}`)
  cli.talk('hint: otpgate restore will not take this backup; see: otpgate audit verify')
}
