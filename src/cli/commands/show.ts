import { Command } from 'commander'
import type { CountedDenial } from '../../app/ports.ts'
import { readAccount } from '../../app/resolve-account.ts'
import { toPrintable } from '../../base/text.ts'
import { formatTime } from '../../base/time.ts'
import { accountView } from '../account-view.ts'
import { type Cli, type CommonOptions, type Session, withSession } from '../context.ts'
import { describeConfirmation, describeKind } from '../device-words.ts'
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
  const state = await readAccount(ports, user)
  const view = accountView(state, policy.throttle, ports.now())
  if (json) return printJson(cli, view)
  const denials = await ports.register.findCountedDenials(state.account.name)
  const lines = [...describe(view), ...denials.map(describeDenial)]
  cli.print(`${lines.join('\n')}\n\n`)
  printDevices(cli, view)
}

function describe(view: AccountView): readonly string[] {
  return [
    `User:            ${toPrintable(view.user)} (uid ${view.uid})`,
    `Status:          ${describeStatus(view)}`,
    `Recovery codes:  ${view.recovery_codes_left} left`,
    ...describeBypass(view),
    `Wrong codes:     ${view.failures} in a row`,
    `Locked:          ${describeLock(view.lock, view.user, 'a recovery code is used')}`,
    ...describeRecoveryThrottle(view),
    ...describeKnownSourceThrottle(view),
    ...describeLocalThrottle(view),
    `Last login:      ${view.last_login ?? 'never'}`,
    `Known since:     ${view.created_at}`,
  ]
}

function describeStatus(view: AccountView): string {
  const until = view.status_until === null ? '' : ` until ${view.status_until}`
  const code = view.needs_invitation_code ? ', with an invitation code' : ''
  const reason = view.status_reason === null ? '' : ` (${toPrintable(view.status_reason)})`
  return `${view.status}${until}${code}${reason}`
}

/** Who else may know one is worth a line. */
function describeBypass({ bypass_codes: count, user }: AccountView): readonly string[] {
  if (count === 0) return []
  return [`Bypass codes:    ${count}, see: otpgate bypass list ${toPrintable(user)}`]
}

/** Nearly always there is nothing to say, and two lines less to read. */
function describeRecoveryThrottle(view: AccountView): readonly string[] {
  const { recovery_failures: failures, recovery_lock: lock } = view
  if (failures === 0 && lock === null) return []
  return [
    `Wrong recovery:  ${failures} in a row`,
    `Recovery locked: ${describeLock(lock, view.user)}`,
  ]
}

/** Codes from where the person has logged in before, typed while no others are judged. */
function describeKnownSourceThrottle(view: AccountView): readonly string[] {
  const { known_source_failures: failures, known_source_lock: lock } = view
  if (failures === 0 && lock === null) return []
  const locked = describeLock(lock, view.user, 'a recovery code is used')
  return [`Known sources:   ${failures} wrong codes in a row; locked: ${locked}`]
}

/** Codes at sudo, su, login and `otpgate self`. */
function describeLocalThrottle(view: AccountView): readonly string[] {
  const { local_failures: failures, local_lock: lock } = view
  if (failures === 0 && lock === null) return []
  const locked = describeLock(lock, view.user, 'a recovery code is used over SSH')
  return [`Outside SSH:     ${failures} wrong codes in a row; locked: ${locked}`]
}

/** `event`: what ends a lock without a date, beside an admin. */
function describeLock(lock: AccountView['lock'], user: string, event?: string): string {
  if (lock === null) return 'no'
  const unlock = `otpgate unlock ${toPrintable(user)}`
  const end = lock.until ?? event
  return end === undefined ? `until: ${unlock}` : `until ${end}, or: ${unlock}`
}

/** Equal denials share a row of the audit log; what has come since that row is only told here. */
function describeDenial({ reason, count, since, lastAt }: CountedDenial): string {
  const what = `${count} times ${toPrintable(reason)}`
  return `Also denied:     ${what}, ${formatTime(since)} to ${formatTime(lastAt)}`
}

function printDevices(cli: Cli, { devices }: AccountView): void {
  if (devices.length === 0) {
    cli.print('No devices.\n')
    return
  }
  const rows = devices.map((device) => [
    device.label,
    describeKind(device),
    describeConfirmation(device),
    device.last_used_at ?? 'never',
  ])
  printTable(cli, ['device', 'kind', 'confirmed', 'last used'], rows)
}
