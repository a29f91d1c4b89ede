import { Command } from 'commander'
import { addDevice } from '../../app/add-device.ts'
import { requireKnown } from '../../app/known-account.ts'
import { removeDevice } from '../../app/remove-device.ts'
import { renameDevice } from '../../app/rename-device.ts'
import { requirePerson, resolveAccount } from '../../app/resolve-account.ts'
import { toPrintable } from '../../base/text.ts'
import { deviceView } from '../account-view.ts'
import { type Cli, type CommonOptions, type Session, withSession } from '../context.ts'
import { parseLabel, withDeviceOptions } from '../device-options.ts'
import { resyncInDialog } from '../device-resync.ts'
import { describeConfirmation, describeDrift } from '../device-words.ts'
import {
  checkNewDevice,
  handOutDevice,
  type NewDeviceOptions,
  type NewDeviceTask,
} from '../new-device.ts'
import { printTable } from '../print-table.ts'
import { printJson } from '../report.ts'
import { askToGoOn } from '../targets.ts'

interface ActOptions extends CommonOptions {
  readonly reason?: string
}

interface RemoveOptions extends ActOptions {
  readonly force?: true
  readonly yes?: true
}

/** `otpgate device list|add|rename|remove|resync USER` */
export function deviceCommand(cli: Cli): Command {
  return new Command('device')
    .description('the devices of somebody: a second phone, a hardware token, a clock that is off')
    .addCommand(listSubcommand(cli))
    .addCommand(addSubcommand(cli))
    .addCommand(renameSubcommand(cli))
    .addCommand(removeSubcommand(cli))
    .addCommand(resyncSubcommand(cli))
}

function listSubcommand(cli: Cli): Command {
  return new Command('list')
    .description('all devices of somebody')
    .argument('<user>')
    .action(async (user: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<CommonOptions>()
      await withSession(cli, options, (session) => list(cli, session, user, options))
    })
}

function addSubcommand(cli: Cli): Command {
  return withDeviceOptions(
    new Command('add')
      .description('give somebody who is enrolled a further device')
      .argument('<user>'),
  ).action(async (user: string, _: unknown, command: Command) => {
    const options = command.optsWithGlobals<NewDeviceOptions>()
    checkNewDevice(cli, options)
    await withSession(cli, options, (session) => add(cli, session, user, options))
  })
}

function renameSubcommand(cli: Cli): Command {
  return new Command('rename')
    .description('call a device by another name')
    .argument('<user>')
    .argument('<old>', 'its label')
    .argument('<new>', 'its label from now on')
    .option('--reason <text>', 'why, for the audit log')
    .action(async (user: string, old: string, label: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<ActOptions>()
      const newLabel = parseLabel(label)
      await withSession(cli, options, (session) =>
        rename(cli, session, { user, label: old, newLabel }, options),
      )
    })
}

function removeSubcommand(cli: Cli): Command {
  return new Command('remove')
    .description('take a device away; its codes no longer count')
    .argument('<user>')
    .argument('<label>')
    .option('--force', 'also the last one that counts: no login until a new one is enrolled')
    .option('--reason <text>', 'why, for the audit log')
    .option('-y, --yes', 'do not ask')
    .action(async (user: string, label: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<RemoveOptions>()
      await withSession(cli, options, (session) => remove(cli, session, { user, label }, options))
    })
}

function resyncSubcommand(cli: Cli): Command {
  return new Command('resync')
    .description('find a clock that is off, or a button that was pressed, by two codes in a row')
    .argument('<user>')
    .argument('<label>')
    .option('--reason <text>', 'why, for the audit log')
    .action(async (user: string, label: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<ActOptions>()
      await withSession(cli, options, async (session) => {
        const name = await resolveAccount(session.ports, user)
        await resyncInDialog(cli, session, { name, label, reason: options.reason }, options)
      })
    })
}

async function list(
  cli: Cli,
  { ports }: Session,
  user: string,
  { json }: CommonOptions,
): Promise<void> {
  const name = await resolveAccount(ports, user)
  const { devices } = requireKnown(await ports.register.find(name), name)
  const views = devices.map(deviceView)
  if (json) return printJson(cli, views)
  if (views.length === 0) return cli.talk('no devices')
  const rows = views.map((view) => [
    view.label,
    view.kind,
    String(view.digits),
    describeDrift(view) ?? '-',
    describeConfirmation(view),
    view.last_used_at ?? 'never',
  ])
  printTable(cli, ['device', 'kind', 'digits', 'drift', 'confirmed', 'last used'], rows)
}

async function add(
  cli: Cli,
  session: Session,
  user: string,
  options: NewDeviceOptions,
): Promise<void> {
  const { ports, policy } = session
  const entry = requirePerson(ports.passwd, user)
  const task: NewDeviceTask = {
    entry,
    make: (input) => addDevice(ports, { ...input, window: policy.window }),
    mintCodes: false,
    isFurther: true,
    done: `${toPrintable(entry.name)} has one more device.`,
  }
  await handOutDevice(cli, session, task, options)
}

async function rename(
  cli: Cli,
  { ports }: Session,
  { user, label, newLabel }: { user: string; label: string; newLabel: string },
  { json, reason }: ActOptions,
): Promise<void> {
  const name = await resolveAccount(ports, user)
  await renameDevice(ports, { name, actor: cli.actor(), reason, label, newLabel })
  if (json) return printJson(cli, { user: name, device: newLabel, result: 'renamed' })
  cli.talk(`${toPrintable(name)}: "${toPrintable(label)}" is called "${newLabel}" now`)
}

async function remove(
  cli: Cli,
  { ports }: Session,
  { user, label }: { user: string; label: string },
  { json, reason, force, yes }: RemoveOptions,
): Promise<void> {
  const name = await resolveAccount(ports, user)
  const whose = `"${toPrintable(label)}" of ${toPrintable(name)}`
  await askToGoOn(cli, `Remove the device ${whose}?`, yes)
  const act = { name, actor: cli.actor(), reason, label }
  const wasLast = await removeDevice(ports, { ...act, force: force === true })
  if (json) return printJson(cli, { user: name, device: label, result: 'removed', last: wasLast })
  cli.talk(`${toPrintable(name)}: "${toPrintable(label)}" removed`)
  if (wasLast) cli.talk(`no login until: otpgate enroll ${toPrintable(name)}`)
}
