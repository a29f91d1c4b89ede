import type { Enrolled, NewDeviceInput } from '../app/new-device.ts'
import type { PasswdEntry } from '../app/ports.ts'
import { AppError } from '../base/errors.ts'
import { plural, toPrintable } from '../base/text.ts'
import type { Device } from '../domain/device.ts'
import { toSecretBase32 } from '../domain/otpauth-uri.ts'
import { parseSecret } from '../domain/secret.ts'
import { confirmInDialog } from './confirm-dialog.ts'
import type { Cli, CommonOptions, Session } from './context.ts'
import { type DeviceOptions, parseDeviceOptions } from './device-options.ts'
import { qrCommandLine } from './device-words.ts'
import { checkQrOptions, type QrOptions } from './qr-options.ts'
import { showEnrollable, uriOf, writePicture } from './qr-output.ts'
import { printRecoveryCodes, recoveryWaysBack } from './recovery-sheet.ts'
import { printJson } from './report.ts'

/** Options of a command that makes a device: see `withDeviceOptions`. */
export interface NewDeviceOptions extends CommonOptions, QrOptions, DeviceOptions {
  readonly secretStdin?: true
  readonly confirm: boolean
}

/** What differs between a first device and a further one. */
export interface NewDeviceTask {
  readonly entry: PasswdEntry
  /** Saves the device. */
  readonly make: (input: NewDeviceInput) => Promise<Enrolled>
  /** Recovery codes come with the confirmation, where there are none. */
  readonly mintCodes: boolean
  /** It stands beside others: only its label tells which is meant. */
  readonly isFurther?: true
  /** What is said once a code has confirmed it. */
  readonly done: string
}

/** Throws ERR_USAGE or ERR_OUTPUT_* for options that do not go together; before anything is done. */
export function checkNewDevice(cli: Cli, options: NewDeviceOptions): void {
  checkQrOptions(cli, options)
  const { json, confirm, secretStdin } = options
  if (!json || !confirm || secretStdin) return
  // With --json the secret comes last: nobody could compute a code of a new one before.
  throw new AppError('ERR_USAGE', '--json shows the secret only at the end', {
    hint: 'add --no-confirm, or --secret-stdin with a code on the line behind the secret',
  })
}

/** Makes a device, shows how to get it into an app, has it confirmed, prints what comes with it. */
export async function handOutDevice(
  cli: Cli,
  session: Session,
  task: NewDeviceTask,
  options: NewDeviceOptions,
): Promise<void> {
  const enrolled = await task.make(await readInput(cli, session, task, options))
  if (enrolled.replaced > 0) {
    cli.talk(`${plural(enrolled.replaced, 'open enrolment')} replaced: delete it from the app.`)
  }
  if (!options.json) introduce(cli, session, task, enrolled, options)
  const recoveryCodes = options.confirm
    ? await confirmNew(cli, session, task, enrolled)
    : enrolled.recoveryCodes
  if (options.json) {
    return printEnrolled(cli, session, task, { ...enrolled, recoveryCodes }, options)
  }
  const name = toPrintable(task.entry.name)
  cli.talk(options.confirm ? task.done : `${name}: the first right code at a login confirms it.`)
  printRecoveryCodes(cli, task.entry.name, recoveryCodes)
}

async function readInput(
  cli: Cli,
  session: Session,
  { entry }: NewDeviceTask,
  options: NewDeviceOptions,
): Promise<NewDeviceInput> {
  const { label, parameters } = parseDeviceOptions(options, session.config.totp)
  const secret = options.secretStdin ? await readSecret(cli) : undefined
  return {
    entry,
    actor: cli.actor(),
    label,
    parameters,
    secret,
    countsUnconfirmed: !options.confirm,
  }
}

async function readSecret(cli: Cli): Promise<Buffer> {
  const line = await cli.prompter.readSecretLine('Secret of the device, in hex or base32: ')
  if (line !== undefined) return parseSecret(line)
  throw new AppError('ERR_USAGE', 'no secret on stdin', {
    hint: 'its first line has to be the secret in base32 or hex',
  })
}

function introduce(
  cli: Cli,
  session: Session,
  task: NewDeviceTask,
  { device, secret }: Enrolled,
  options: NewDeviceOptions,
): void {
  const { entry } = task
  const issuer = session.config.totp.issuer ?? cli.hostName()
  cli.talk(
    `Enrolling ${toPrintable(entry.name)} at ${toPrintable(issuer)}, device "${device.label}"`,
  )
  cli.talk('')
  // It was typed without being shown, and the token has it: no picture unless one is asked for.
  if (options.secretStdin && options.qr === undefined) {
    cli.talk('The secret is stored.')
    return
  }
  const shown = { user: entry.name, secret, device, again: againOf(task, device) }
  showEnrollable(cli, session, shown, options)
}

async function confirmNew(
  cli: Cli,
  session: Session,
  { entry, mintCodes }: NewDeviceTask,
  { device }: Enrolled,
): Promise<readonly string[]> {
  const task = { name: entry.name, mintCodes, deviceId: device.id }
  return (await confirmInDialog(cli, session, task)).recoveryCodes
}

function printEnrolled(
  cli: Cli,
  session: Session,
  task: NewDeviceTask,
  { device, secret, recoveryCodes }: Enrolled,
  options: QrOptions,
): void {
  const { entry } = task
  const uri = uriOf(cli, session, { user: entry.name, secret, device })
  const view = {
    user: entry.name,
    device: device.label,
    secret: toSecretBase32(secret),
    uri,
    recovery_codes: recoveryCodes,
  }
  printJson(cli, view, againOf(task, device), ...recoveryWaysBack(entry.name, recoveryCodes))
  writePicture(cli, uri, options)
}

function againOf({ entry, isFurther }: NewDeviceTask, { label }: Device): string {
  return qrCommandLine(entry.name, isFurther ? label : undefined)
}
