import { Command } from 'commander'
import { addDevice } from '../../../app/add-device.ts'
import { assertNewLabel } from '../../../app/device-label.ts'
import type { Enrolled } from '../../../app/new-device.ts'
import { removeDevice } from '../../../app/remove-device.ts'
import { renameDevice } from '../../../app/rename-device.ts'
import { AppError } from '../../../base/errors.ts'
import { toPrintable } from '../../../base/text.ts'
import { type KnownAccount, usableDevices } from '../../../domain/account.ts'
import { findChangeRefusal } from '../../../domain/self-service.ts'
import type { Cli } from '../../context.ts'
import { parseLabel } from '../../device-options.ts'
import { handOutDevice, type NewDeviceTask } from '../../new-device.ts'
import { printOwnDevices } from './own-devices.ts'
import { OwnError } from './own-error.ts'
import { type OwnTask, withOwnSession } from './own-session.ts'
import { ask, proveInDialog } from './prove.ts'
import { refusal } from './refusal.ts'

/** `otpgate self device list|add|rename|remove`: sudo allows no arguments, what varies is asked for. */
export function selfDeviceCommand(cli: Cli): Command {
  const create = (name: string, about: string, act: (task: OwnTask) => Promise<void>) =>
    new Command(name)
      .description(about)
      .action((_, command: Command) => withOwnSession(cli, command, act))
  return new Command('device')
    .description('your phones and tokens')
    .addCommand(create('list', 'show them', list))
    .addCommand(create('add', 'set up a further one', add))
    .addCommand(create('rename', 'call one by another name', rename))
    .addCommand(create('remove', 'take one away: its codes no longer count', remove))
}

async function list({ cli, session, entry }: OwnTask): Promise<void> {
  printOwnDevices(cli, await session.ports.register.find(entry.name))
}

async function add(task: OwnTask): Promise<void> {
  const { cli, entry } = task
  const { devices } = await requireOwn(task)
  const label = parseLabel(await ask(cli, 'Name of the new device: '))
  assertNewLabel(devices, label, entry.name)
  const session = await proveInDialog(task)
  const { window } = session.policy
  const further: NewDeviceTask = {
    entry,
    make: (input) => inOwnWords(addDevice(session.ports, { ...input, window })),
    mintCodes: false,
    done: `"${label}" is one of your devices now.`,
  }
  await handOutDevice(cli, session, further, { config: '', confirm: true, label })
}

async function rename(task: OwnTask): Promise<void> {
  const { cli, entry } = task
  const { label } = await choose(task, 'Name of the device: ')
  const newLabel = parseLabel(await ask(cli, 'Its new name: '))
  const { ports } = await proveInDialog(task)
  const act = { name: entry.name, actor: cli.actor(), reason: undefined, label, newLabel }
  await renameDevice(ports, act)
  cli.talk(`"${label}" is called "${newLabel}" now.`)
}

async function remove(task: OwnTask): Promise<void> {
  const { cli, entry } = task
  const { label, isLast } = await choose(task, 'Name of the device to take away: ')
  if (isLast) throw lastDevice(label)
  const { ports } = await proveInDialog(task)
  const act = { name: entry.name, actor: cli.actor(), reason: undefined, label, force: false }
  await removeDevice(ports, act)
  cli.talk(`"${label}" is none of your devices any more. Delete it from the app.`)
}

/** What is refused to somebody enrolled is one device too many. */
async function inOwnWords(adding: Promise<Enrolled>): Promise<Enrolled> {
  try {
    return await adding
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'ERR_REFUSED') throw error
    const hint = 'take one away first: sudo otpgate self device remove'
    throw new OwnError(error.code, error.message, { hint, cause: error })
  }
}

/** Before any question: nobody is asked for what cannot be done. */
async function requireOwn({ session, entry }: OwnTask): Promise<KnownAccount> {
  const state = await session.ports.register.find(entry.name)
  const reason = findChangeRefusal(state, entry.uid)
  if (reason !== undefined) throw refusal(reason)
  if (state.kind === 'known') return state
  throw refusal('not-enrolled')
}

/** One of the person's devices, as they call it. Throws ERR_DEVICE_UNKNOWN. */
async function choose(
  task: OwnTask,
  question: string,
): Promise<{ readonly label: string; readonly isLast: boolean }> {
  const known = await requireOwn(task)
  printOwnDevices(task.cli, known)
  const label = await ask(task.cli, question)
  const chosen = known.devices.find((device) => device.label === label)
  if (chosen === undefined) throw unknownDevice(known)
  const isLast = usableDevices(known).every((device) => device.id === chosen.id)
  return { label, isLast }
}

function unknownDevice({ devices }: KnownAccount): AppError {
  const labels = devices.map(({ label }) => toPrintable(label)).join(', ')
  return new OwnError('ERR_DEVICE_UNKNOWN', 'you have no such device', {
    hint: `there is: ${labels}`,
  })
}

function lastDevice(label: string): AppError {
  return new OwnError('ERR_REFUSED', `"${label}" is the last of your devices that counts`, {
    hint: 'set up another one first: sudo otpgate self device add',
  })
}
