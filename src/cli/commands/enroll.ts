import { Command, Option } from 'commander'
import { type Enrolled, enrollDevice } from '../../app/enroll-device.ts'
import type { PasswdEntry } from '../../app/ports.ts'
import { requirePerson } from '../../app/resolve-account.ts'
import { AppError } from '../../base/errors.ts'
import { plural, toPrintable } from '../../base/text.ts'
import { toSecretBase32 } from '../../domain/otpauth-uri.ts'
import { parseSecret } from '../../domain/secret.ts'
import { confirmInDialog } from '../confirm-dialog.ts'
import { type Cli, type CommonOptions, type Session, withSession } from '../context.ts'
import { type DeviceOptions, parseDeviceOptions } from '../device-options.ts'
import { checkQrOptions, type QrOptions, qrOption } from '../qr-options.ts'
import { qrWayBack, showEnrollable, uriOf, writePicture } from '../qr-output.ts'
import { printRecoveryCodes, recoveryWaysBack } from '../recovery-sheet.ts'
import { printJson } from '../report.ts'

interface EnrollOptions extends CommonOptions, QrOptions, DeviceOptions {
  readonly secretStdin?: true
  readonly confirm: boolean
  readonly recovery: boolean
}

/** `otpgate enroll USER` */
export function enrollCommand(cli: Cli): Command {
  return new Command('enroll')
    .alias('enrol')
    .description('give somebody their second factor: QR code, confirmation, recovery codes')
    .argument('<user>')
    .option('--label <label>', 'what the device is called', 'phone')
    .addOption(new Option('--digits <number>', 'length of a code').choices(['6', '7', '8']))
    .addOption(
      new Option('--algorithm <name>', 'hash; some apps know SHA1 only').choices([
        'SHA1',
        'SHA256',
        'SHA512',
      ]),
    )
    .option('--period <duration>', 'how long a code is shown, 15s to 120s')
    .addOption(qrOption())
    .option('--out <file>', 'write the picture here, readable by you alone')
    .option('--invert', 'for a terminal with a light background and no colours')
    .option('--secret-stdin', 'read the secret of an existing device, base32, from stdin')
    .option('--no-confirm', 'ask for no code: the first accepted one confirms the device')
    .option('--no-recovery', 'without recovery codes')
    .action(async (user: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<EnrollOptions>()
      checkQrOptions(cli, options)
      checkDialog(options)
      await withSession(cli, options, (session) => enroll(cli, session, user, options))
    })
}

async function enroll(
  cli: Cli,
  session: Session,
  user: string,
  options: EnrollOptions,
): Promise<void> {
  const entry = requirePerson(session.ports.passwd, user)
  const enrolled = await addDevice(cli, session, entry, options)
  if (enrolled.replaced > 0) {
    cli.talk(`${plural(enrolled.replaced, 'open enrolment')} replaced: delete it from the app.`)
  }
  if (!options.json) introduce(cli, session, entry, enrolled, options)
  const recoveryCodes = options.confirm
    ? await confirmNew(cli, session, entry, enrolled, options)
    : enrolled.recoveryCodes
  if (options.json) {
    return printEnrolled(cli, session, entry, { ...enrolled, recoveryCodes }, options)
  }
  const name = toPrintable(entry.name)
  cli.talk(
    options.confirm
      ? `${name} is enrolled.`
      : `${name}: the first right code at a login confirms it.`,
  )
  printRecoveryCodes(cli, entry.name, recoveryCodes)
}

/** With --json the secret comes last: nobody could compute a code of a new one before. */
function checkDialog({ json, confirm, secretStdin }: EnrollOptions): void {
  if (!json || !confirm || secretStdin) return
  throw new AppError('ERR_USAGE', '--json shows the secret only at the end', {
    hint: 'add --no-confirm, or --secret-stdin with a code on the line behind the secret',
  })
}

async function addDevice(
  cli: Cli,
  session: Session,
  entry: PasswdEntry,
  options: EnrollOptions,
): Promise<Enrolled> {
  const { label, parameters } = parseDeviceOptions(options, session.config.totp)
  const secret = options.secretStdin ? await readSecret(cli) : undefined
  return enrollDevice(session.ports, {
    entry,
    actor: cli.actor(),
    label,
    parameters,
    secret,
    countsUnconfirmed: !options.confirm,
    mintCodes: !options.confirm && options.recovery,
  })
}

async function confirmNew(
  cli: Cli,
  session: Session,
  { name }: PasswdEntry,
  { device }: Enrolled,
  { recovery: mintCodes }: EnrollOptions,
): Promise<readonly string[]> {
  const confirmed = await confirmInDialog(cli, session, { name, mintCodes, deviceId: device.id })
  return confirmed.recoveryCodes
}

async function readSecret(cli: Cli): Promise<Buffer> {
  const line = await cli.prompter.readSecretLine('Secret of the device, in base32: ')
  if (line !== undefined) return parseSecret(line)
  throw new AppError('ERR_USAGE', 'no secret on stdin', {
    hint: 'its first line has to be the secret in base32',
  })
}

function introduce(
  cli: Cli,
  session: Session,
  entry: PasswdEntry,
  { device, secret }: Enrolled,
  options: EnrollOptions,
): void {
  const issuer = session.config.totp.issuer ?? cli.hostName()
  cli.talk(
    `Enrolling ${toPrintable(entry.name)} at ${toPrintable(issuer)}, device "${device.label}"`,
  )
  cli.talk('')
  showEnrollable(cli, session, { user: entry.name, secret, parameters: device }, options)
}

function printEnrolled(
  cli: Cli,
  session: Session,
  entry: PasswdEntry,
  { device, secret, recoveryCodes }: Enrolled,
  options: QrOptions,
): void {
  const uri = uriOf(cli, session, { user: entry.name, secret, parameters: device })
  const view = {
    user: entry.name,
    device: device.label,
    secret: toSecretBase32(secret),
    uri,
    recovery_codes: recoveryCodes,
  }
  printJson(cli, view, qrWayBack(entry.name), ...recoveryWaysBack(entry.name, recoveryCodes))
  writePicture(cli, uri, options)
}
