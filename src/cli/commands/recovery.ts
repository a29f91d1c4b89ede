import { Command } from 'commander'
import { renewRecoveryCodes } from '../../app/renew-recovery-codes.ts'
import { readAccount, resolveAccount } from '../../app/resolve-account.ts'
import { plural, toPrintable } from '../../base/text.ts'
import { formatTime } from '../../base/time.ts'
import { countRecoveryCodes } from '../../domain/account.ts'
import { type Cli, type CommonOptions, type Session, withSession } from '../context.ts'
import { reasonOption } from '../reason-option.ts'
import { printRecoveryCodes, recoveryWaysBack } from '../recovery-sheet.ts'
import { printJson } from '../report.ts'
import { askToGoOn } from '../targets.ts'

interface RenewOptions extends CommonOptions {
  readonly reason?: string
  readonly yes?: true
}

/** `otpgate recovery show|new USER` */
export function recoveryCommand(cli: Cli): Command {
  const show = new Command('show')
    .description('how many recovery codes are left, and when they were used')
    .argument('<user>')
    .action(async (user: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<CommonOptions>()
      await withSession(cli, options, (session) => showCodes(cli, session, user, options))
    })
  const renew = new Command('new')
    .description('replace all recovery codes by ten new ones')
    .argument('<user>')
    .addOption(reasonOption())
    .option('-y, --yes', 'do not ask')
    .action(async (user: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<RenewOptions>()
      await withSession(cli, options, (session) => renewCodes(cli, session, user, options))
    })
  return new Command('recovery')
    .description('recovery codes, for when the phone is lost')
    .addCommand(show)
    .addCommand(renew)
}

async function showCodes(
  cli: Cli,
  { ports }: Session,
  user: string,
  { json }: CommonOptions,
): Promise<void> {
  const { account, oneTimeCodes } = await readAccount(ports, user)
  const { name } = account
  const used = oneTimeCodes
    .filter(({ kind }) => kind === 'recovery')
    .flatMap(({ lastUsedAt }) => (lastUsedAt === undefined ? [] : [formatTime(lastUsedAt)]))
  const left = countRecoveryCodes(oneTimeCodes)
  if (json) return printJson(cli, { user: name, left, used_at: used.sort() })
  cli.print(`${toPrintable(name)}: ${plural(left, 'recovery code')} left, ${used.length} used\n`)
  for (const at of used.sort()) cli.print(`  used ${at}\n`)
}

async function renewCodes(
  cli: Cli,
  { ports }: Session,
  user: string,
  { json, reason, yes }: RenewOptions,
): Promise<void> {
  const name = await resolveAccount(ports, user)
  await askToGoOn(cli, `The old recovery codes of ${toPrintable(name)} stop working. Go on?`, yes)
  const codes = await renewRecoveryCodes(ports, { name, actor: cli.actor(), reason })
  if (json) {
    const lost = recoveryWaysBack(name, codes)
    return printJson(cli, { user: name, recovery_codes: codes }, ...lost)
  }
  printRecoveryCodes(cli, name, codes)
}
