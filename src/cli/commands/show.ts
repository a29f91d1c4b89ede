import { Command } from 'commander'
import { requireKnown } from '../../app/known-account.ts'
import type { CountedDenial } from '../../app/ports.ts'
import { resolveAccount } from '../../app/resolve-account.ts'
import { toPrintable } from '../../base/text.ts'
import { formatTime } from '../../base/time.ts'
import { accountView } from '../account-view.ts'
import { type Cli, type CommonOptions, type Session, withSession } from '../context.ts'
import { printTable } from '../print-table.ts'
import { printJson } from '../report.ts'

type AccountView = ReturnType<typeof accountView>

/** `otpgate show USER` */
export function showCommand(cli: Cli): Command {
  return new Command('show')
    .description('everything about one person: devices, recovery codes, failures, locks')
    .argument('<user>')
    .action(async (user: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<CommonOptions>()
      await withSession(cli, options, (session) => show(cli, session, user, options))
    })
}

async function show(
  cli: Cli,
  { ports, policy }: Session,
  user: string,
  { json }: CommonOptions,
): Promise<void> {
  const name = await resolveAccount(ports, user)
  const state = requireKnown(await ports.register.find(name), name)
  const view = accountView(state, policy.throttle, ports.now())
  if (json) return printJson(cli, view)
  const denials = await ports.register.findCountedDenials(name)
  const lines = [...describe(view), ...denials.map(describeDenial)]
  cli.print(`${lines.join('\n')}\n\n`)
  printDevices(cli, view)
}

function describe(view: AccountView): readonly string[] {
  const reason = view.status_reason === null ? '' : ` (${toPrintable(view.status_reason)})`
  return [
    `User:            ${toPrintable(view.user)} (uid ${view.uid})`,
    `Status:          ${view.status}${reason}`,
    `Recovery codes:  ${view.recovery_codes_left} left`,
    `Wrong codes:     ${view.failures} in a row`,
    `Locked:          ${describeLock(view)}`,
    `Last login:      ${view.last_login ?? 'never'}`,
    `Known since:     ${view.created_at}`,
  ]
}

function describeLock({ lock, user }: AccountView): string {
  if (lock === null) return 'no'
  const end = lock.until === null ? 'a recovery code is used' : lock.until
  return `until ${end}, or: otpgate unlock ${toPrintable(user)}`
}

/** Equal denials share a row of the audit log; what has come since that row is only told here. */
function describeDenial({ reason, count, since, lastAt }: CountedDenial): string {
  return `Also denied:     ${count} times ${reason}, ${formatTime(since)} to ${formatTime(lastAt)}`
}

function printDevices(cli: Cli, { devices }: AccountView): void {
  if (devices.length === 0) {
    cli.print('No devices.\n')
    return
  }
  const rows = devices.map((device) => [
    device.label,
    `${device.kind} ${device.algorithm}, ${device.digits} digits, ${device.period}s`,
    device.confirmed ? 'yes' : device.counts ? 'by its first code' : 'no: otpgate confirm',
    device.last_used_at ?? 'never',
  ])
  printTable(cli, ['device', 'kind', 'confirmed', 'last used'], rows)
}
