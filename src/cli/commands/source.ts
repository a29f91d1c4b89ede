import { Command } from 'commander'
import { readAccount, resolveAccount } from '../../app/resolve-account.ts'
import { revokeSource } from '../../app/revoke-source.ts'
import { AppError } from '../../base/errors.ts'
import { parseIpAddress, stablePartOf } from '../../base/ip-network.ts'
import { plural, toPrintable } from '../../base/text.ts'
import { formatTime, type UnixSeconds } from '../../base/time.ts'
import type { Account } from '../../domain/account.ts'
import { type KnownSource, knownUntil, rememberedUntil } from '../../domain/known-source.ts'
import { optionalTime } from '../account-view.ts'
import { type Cli, type CommonOptions, type Session, withSession } from '../context.ts'
import { printTable } from '../print-table.ts'
import { reasonOption } from '../reason-option.ts'
import { printJson } from '../report.ts'

interface RevokeOptions extends CommonOptions {
  readonly all?: true
  readonly reason?: string
}

/** `otpgate source list|revoke USER` */
export function sourceCommand(cli: Cli): Command {
  const list = new Command('list')
    .description('addresses and first factors, and whether logins from there need no code')
    .argument('<user>')
    .action(async (user: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<CommonOptions>()
      await withSession(cli, options, (session) => listSources(cli, session, user, options))
    })
  const revoke = new Command('revoke')
    .description('forget an address, or all: logins from there are asked for a code again')
    .argument('<user>')
    .argument('[address]', 'an IPv4 address, or an IPv6 address or its /64')
    .option('--all', 'every one')
    .addOption(reasonOption())
    .action(async (user: string, address: string | undefined, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<RevokeOptions>()
      await withSession(cli, options, (session) =>
        revokeSources(cli, session, user, address, options),
      )
    })
  return new Command('source')
    .description('where somebody has logged in from with a code')
    .addCommand(list)
    .addCommand(revoke)
}

async function listSources(
  cli: Cli,
  { ports, policy }: Session,
  user: string,
  { json }: CommonOptions,
): Promise<void> {
  const { account, sources } = await readAccount(ports, user)
  const { name } = account
  const { rememberSeconds } = policy.login
  const now = ports.now()
  const views = sources.map((source) => toView(source, account, rememberSeconds, now))
  if (json) return printJson(cli, { user: name, sources: views })
  if (views.length === 0) {
    cli.talk(`${toPrintable(name)} has no known sources`)
    return
  }
  const rows = views.map((view) => [
    view.network,
    view.first_factor,
    view.last_success,
    view.known_until ?? 'no more',
    view.remembered_until ?? 'no',
  ])
  printTable(cli, ['address', 'first factor', 'last code', 'known until', 'remembered until'], rows)
}

/** What `--json` prints: public, fields are added and never renamed. */
function toView(
  source: KnownSource,
  { lastLoginAt }: Account,
  rememberSeconds: number,
  now: UnixSeconds,
) {
  return {
    network: source.network,
    first_factor: source.firstFactor,
    last_success: formatTime(source.lastSuccessAt),
    known_until: optionalTime(knownUntil(source, now)),
    remembered_until: optionalTime(rememberedUntil(source, lastLoginAt, rememberSeconds, now)),
  }
}

async function revokeSources(
  cli: Cli,
  { ports }: Session,
  user: string,
  address: string | undefined,
  { all, reason, json }: RevokeOptions,
): Promise<void> {
  const network = parseChoice(address, all)
  const name = await resolveAccount(ports, user)
  const revoked = await revokeSource(ports, { name, reason, network, actor: cli.actor() })
  if (json) return printJson(cli, { user: name, revoked })
  cli.talk(`${toPrintable(name)}: ${plural(revoked, 'source')} forgotten`)
}

/** The network as it is stored; `undefined`: all. Throws ERR_USAGE. */
function parseChoice(address: string | undefined, all: true | undefined): string | undefined {
  if ((address === undefined) !== (all === true)) {
    throw new AppError('ERR_USAGE', 'an address or --all is needed, one of them', {
      hint: 'otpgate source list shows what there is',
    })
  }
  if (address === undefined) return undefined
  const parsed = parseIpAddress(address.replace(/(?<=:)\/64$/, ''))
  if (parsed !== undefined) return stablePartOf(parsed)
  throw new AppError('ERR_USAGE', 'not an IP address', {
    hint: 'as otpgate source list shows it; names are never resolved',
  })
}
