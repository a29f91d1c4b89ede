import { Command } from 'commander'
import { addDevice } from '../../../app/add-device.ts'
import { requirePerson } from '../../../app/resolve-account.ts'
import { toPrintable } from '../../../base/text.ts'
import { type Cli, type Session, withSession } from '../../context.ts'
import { withDeviceOptions } from '../../device-options.ts'
import {
  checkNewDevice,
  handOutDevice,
  type NewDeviceOptions,
  type NewDeviceTask,
} from '../../new-device.ts'

/** `otpgate device add USER` */
export function addCommand(cli: Cli): Command {
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
