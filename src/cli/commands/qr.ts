import { Command } from 'commander'
import { resolveAccount } from '../../app/resolve-account.ts'
import { showSecret } from '../../app/show-secret.ts'
import { type Cli, type CommonOptions, type Session, withSession } from '../context.ts'
import { qrCommandLine } from '../device-words.ts'
import { checkQrOptions, type QrOptions, qrOption } from '../qr-options.ts'
import { showEnrollable, uriOf, writePicture } from '../qr-output.ts'
import { reasonOption } from '../reason-option.ts'
import { printJson } from '../report.ts'

interface QrCommandOptions extends CommonOptions, QrOptions {
  readonly device?: string
  readonly reason?: string
}

/** `otpgate qr USER` */
export function qrCommand(cli: Cli): Command {
  return new Command('qr')
    .description('show the QR code of a device once more; the audit log says so')
    .argument('<user>')
    .option('--device <label>', 'which, for somebody with several')
    .addOption(qrOption())
    .option('--out <file>', 'write the picture here, readable by you alone')
    .option('--invert', 'for a terminal with a light background and no colours')
    .addOption(reasonOption())
    .action(async (user: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<QrCommandOptions>()
      checkQrOptions(cli, options)
      await withSession(cli, options, (session) => showQr(cli, session, user, options))
    })
}

async function showQr(
  cli: Cli,
  session: Session,
  user: string,
  options: QrCommandOptions,
): Promise<void> {
  const name = await resolveAccount(session.ports, user)
  const { device, secret } = await showSecret(session.ports, {
    name,
    actor: cli.actor(),
    reason: options.reason,
    label: options.device,
  })
  const shown = { user: name, secret, device, again: qrCommandLine(name, options.device) }
  if (options.json) {
    const uri = uriOf(cli, session, shown)
    printJson(cli, { user: name, device: device.label, uri })
    writePicture(cli, uri, options)
    return
  }
  showEnrollable(cli, session, shown, options)
}
