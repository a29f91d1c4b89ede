import { Command } from 'commander'
import { checkSecrets, type SecretCheck } from '../../app/check-secrets.ts'
import { plural, toPrintable } from '../../base/text.ts'
import { describeMode } from '../../host/database-file.ts'
import { type Cli, type CommonOptions, type Session, withSession } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { printJson } from '../report.ts'

/** `otpgate key check` */
export function keyCommand(cli: Cli): Command {
  const check = new Command('check')
    .description('whether key and database belong together, and every secret opens; else status 9')
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<CommonOptions>()
      await withSession(cli, options, (session) => checkKey(cli, session, options))
    })
  return new Command('key')
    .description('the master key, which every stored secret is sealed with')
    .addCommand(check)
}

/** A key that is missing, wrong or badly protected has ended the command already, with its own status. */
async function checkKey(
  cli: Cli,
  { config, ports }: Session,
  { json }: CommonOptions,
): Promise<void> {
  const { keyFile, path } = config.store
  const { uid, mode } = describeMode(keyFile)
  const { keyId } = ports.vault
  const check = await checkSecrets(ports.register, ports.vault)
  if (check.unopened.length > 0) cli.setStatus(EXIT.problems)
  if (json) {
    const { secrets, unopened } = check
    return printJson(cli, { key_id: keyId, file: keyFile, uid, mode, secrets, unopened })
  }
  cli.print(`key       ${keyId}, ${toPrintable(keyFile)} (uid ${uid}, mode ${mode})\n`)
  cli.print(`database  ${toPrintable(path)}, of this key: ${summarize(check)}\n`)
  for (const { user, device, code } of check.unopened) {
    cli.talk(`${toPrintable(user)}: the secret of "${toPrintable(device)}" does not open (${code})`)
  }
  if (check.unopened.length > 0) cli.talk('hint: restore a backup, or enroll them again')
}

function summarize({ secrets, unopened }: SecretCheck): string {
  const all = plural(secrets, 'secret')
  return unopened.length === 0 ? `${all}, all open` : `${all}, ${unopened.length} do not open`
}
