import { Command } from 'commander'
import { checkSecrets, type SecretCheck } from '../../../app/check-secrets.ts'
import { plural, toPrintable } from '../../../base/text.ts'
import { describeMode } from '../../../host/database-file.ts'
import { findKeyPlaces, type KeyNeed, type KeyPlace, readPresentNeed } from '../../../wire-key.ts'
import { type Cli, type CommonOptions, type Session, withSession } from '../../context.ts'
import { EXIT } from '../../exit-codes.ts'
import { ADMIN_TIME_LIMIT } from '../../open-session.ts'
import { printJson } from '../../report.ts'

/** `otpgate key check` */
export function keyCheckCommand(cli: Cli): Command {
  return new Command('check')
    .description('whether key and database belong together, and every secret opens; else status 9')
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<CommonOptions>()
      await withSession(cli, options, (session) => checkKey(cli, session, options))
    })
}

/** A key that is missing, wrong or badly protected has ended the command already, with its own status. */
async function checkKey(
  cli: Cli,
  { config, ports }: Session,
  { json }: CommonOptions,
): Promise<void> {
  const { path } = config.store
  const need = readPresentNeed(config, ADMIN_TIME_LIMIT)
  const places = findKeyPlaces(config)
  const check = await checkSecrets(ports.register, ports.vault)
  if (check.unopened.length > 0) cli.setStatus(EXIT.problems)
  if (json) return printJson(cli, toView(places, need, check))
  for (const [index, { id, path: file }] of places.entries()) {
    const { uid, mode } = describeMode(file)
    const what = index === 0 ? 'key' : 'next key'
    cli.print(`${what.padEnd(9)} ${id}, ${toPrintable(file)} (uid ${uid}, mode ${mode})\n`)
  }
  cli.print(`database  ${toPrintable(path)}, ${describeNeed(need, places)}: ${summarize(check)}\n`)
  for (const { user, device, code } of check.unopened) {
    cli.talk(`${toPrintable(user)}: the secret of "${toPrintable(device)}" does not open (${code})`)
  }
  if (check.unopened.length > 0) cli.talk('hint: restore a backup, or enroll them again')
  if (isUnfinished(places, need)) {
    cli.talk('the master key is being changed, or that was cut off; nobody is locked out by it')
    cli.talk('hint: unless that goes on just now, finish it with: otpgate key rotate')
  }
}

/** What `--json` prints: public, fields are added and never renamed. */
function toView(places: readonly KeyPlace[], need: KeyNeed, { secrets, unopened }: SecretCheck) {
  const [own, next] = places.map(({ id, path }) => ({
    key_id: id,
    file: path,
    ...describeMode(path),
  }))
  return {
    ...own,
    secrets,
    unopened,
    next: next ?? null,
    database_key_id: need.keyId,
    secrets_of_other_keys: need.secretsLeft,
    unfinished: isUnfinished(places, need),
  }
}

function isUnfinished(places: readonly KeyPlace[], { isChanging }: KeyNeed): boolean {
  return isChanging || places.length > 1
}

function describeNeed({ keyId, secretsLeft }: KeyNeed, places: readonly KeyPlace[]): string {
  const [own] = places
  const whose = own?.id === keyId ? 'of this key' : `of ${keyId}`
  return secretsLeft === 0 ? whose : `${whose}, ${secretsLeft} of another key yet`
}

function summarize({ secrets, unopened }: SecretCheck): string {
  const all = plural(secrets, 'secret')
  return unopened.length === 0 ? `${all}, all open` : `${all}, ${unopened.length} do not open`
}
