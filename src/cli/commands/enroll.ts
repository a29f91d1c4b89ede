import { Command } from 'commander'
import { enrollDevice } from '../../app/enroll-device.ts'
import type { PasswdEntry } from '../../app/ports.ts'
import { requirePerson } from '../../app/resolve-account.ts'
import { toPrintable } from '../../base/text.ts'
import { type Cli, type Session, withSession } from '../context.ts'
import { withDeviceOptions } from '../device-options.ts'
import {
  checkNewDevice,
  handOutDevice,
  type NewDeviceOptions,
  type NewDeviceTask,
} from '../new-device.ts'

export interface EnrollOptions extends NewDeviceOptions {
  readonly recovery: boolean
}

/** `otpgate enroll USER` */
export function enrollCommand(cli: Cli): Command {
  return withDeviceOptions(
    new Command('enroll')
      .alias('enrol')
      .description('give somebody their second factor: QR code, confirmation, recovery codes')
      .argument('<user>'),
  )
    .option('--no-recovery', 'without recovery codes')
    .action(async (user: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<EnrollOptions>()
      checkNewDevice(cli, options)
      await withSession(cli, options, (session) =>
        enrollPerson(cli, session, requirePerson(session.ports.passwd, user), options),
      )
    })
}

/** The whole dialogue of an enrolment: whoever starts one at a terminal goes through this. */
export function enrollPerson(
  cli: Cli,
  session: Session,
  entry: PasswdEntry,
  options: EnrollOptions,
): Promise<void> {
  const { confirm, recovery } = options
  const task: NewDeviceTask = {
    entry,
    make: (input) => enrollDevice(session.ports, { ...input, mintCodes: !confirm && recovery }),
    mintCodes: recovery,
    done: `${toPrintable(entry.name)} is enrolled.`,
  }
  return handOutDevice(cli, session, task, options)
}
