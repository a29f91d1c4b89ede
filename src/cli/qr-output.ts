import { Option } from 'commander'
import { AppError } from '../base/errors.ts'
import type { OtpParameters } from '../domain/device.ts'
import { toOtpauthUri, toSecretBase32 } from '../domain/otpauth-uri.ts'
import { writeNewFile } from '../host/write-file.ts'
import { renderGroupedKey } from '../render/grouped-key.ts'
import { createQrMatrix, type QrMatrix } from '../render/qr-matrix.ts'
import { renderQrPng } from '../render/qr-png.ts'
import { renderQrSvg } from '../render/qr-svg.ts'
import { measureQrTerminal, type QrTerminalStyle, renderQrTerminal } from '../render/qr-terminal.ts'
import type { Cli, Session } from './context.ts'

const QR_FORMS = ['terminal', 'png', 'svg', 'none'] as const
type QrForm = (typeof QR_FORMS)[number]

export interface QrOptions {
  readonly qr?: QrForm
  readonly out?: string
  readonly invert?: true
}

/** A secret and what an app needs beside it. */
export interface Enrollable {
  readonly user: string
  readonly secret: Buffer
  readonly parameters: OtpParameters
}

const SECRET_FILE_MODE = 0o600

export function qrOption(): Option {
  return new Option('--qr <form>', 'the QR code: on a terminal, or as a picture').choices(QR_FORMS)
}

/** The URI that apps scan, with this host's issuer. */
export function uriOf(
  cli: Cli,
  { config }: Session,
  { user, secret, parameters }: Enrollable,
): string {
  const issuer = config.totp.issuer ?? cli.hostName()
  return toOtpauthUri(secret, parameters, { issuer, account: user })
}

/** Throws ERR_USAGE for options that do not go together, before anything is done. */
export function checkQrOptions({ terminal }: Cli, { qr, out, invert }: QrOptions): void {
  const isPicture = qr === 'png' || qr === 'svg'
  if (qr === 'png' && out === undefined && terminal.isTerminal) {
    throw new AppError('ERR_USAGE', 'a PNG picture is not written to a terminal', {
      hint: 'add --out FILE',
    })
  }
  if (out !== undefined && !isPicture) {
    throw new AppError('ERR_USAGE', '--out is for a picture', { hint: 'add --qr png or --qr svg' })
  }
  if (invert && isPicture) {
    throw new AppError('ERR_USAGE', '--invert is for the terminal', { hint: 'leave it out' })
  }
}

/**
 * Shows how to get a secret into an app: the QR code where it can be seen, the key in groups of
 * four, and the URI. A picture without `--out` has stdout for itself.
 */
export function showEnrollable(
  cli: Cli,
  session: Session,
  shown: Enrollable,
  options: QrOptions,
): void {
  const uri = uriOf(cli, session, shown)
  const matrix = createQrMatrix(uri)
  const isPictureToStdout = writePicture(cli, matrix, options)
  const isDrawn = drawQrCode(cli, matrix, shown.user, options)
  const line = isPictureToStdout ? cli.talk : (text: string) => cli.print(`${text}\n`)
  const { algorithm, digits, periodSeconds } = shown.parameters
  cli.talk(isDrawn ? 'Or type this key into the app:' : 'Type this key into the app:')
  line(`  ${renderGroupedKey(toSecretBase32(shown.secret))}`)
  cli.talk(`  (time based, ${digits} digits, every ${periodSeconds} seconds, ${algorithm})`)
  cli.talk('or open this link on the phone:')
  line(`  ${uri}`)
  cli.talk('')
}

/** Whether the picture went to stdout. */
function writePicture(cli: Cli, matrix: QrMatrix, { qr, out }: QrOptions): boolean {
  if (qr !== 'png' && qr !== 'svg') return false
  const picture = qr === 'png' ? renderQrPng(matrix) : renderQrSvg(matrix)
  if (out === undefined) {
    cli.print(picture)
    return true
  }
  writeNewFile(out, picture, SECRET_FILE_MODE)
  cli.talk(`The QR code is in ${out}. It is the secret: delete it once it is scanned.`)
  return false
}

/** Whether the code is on the screen. */
function drawQrCode(cli: Cli, matrix: QrMatrix, user: string, { qr, invert }: QrOptions): boolean {
  const form = qr ?? (cli.terminal.isTerminal ? 'terminal' : 'none')
  if (form !== 'terminal') return false
  const { columns, lines } = measureQrTerminal(matrix)
  const { terminal } = cli
  if (terminal.isTerminal && (columns > terminal.columns || lines >= terminal.rows)) {
    cli.talk(
      `The QR code needs ${columns} columns and ${lines + 1} lines; this window has ` +
        `${terminal.columns} and ${terminal.rows}.`,
    )
    cli.talk(`Make it larger and run: otpgate qr ${user}`)
    cli.talk(`or write a picture:     otpgate qr ${user} --qr png --out FILE`)
    cli.talk('')
    return false
  }
  cli.talk('Scan this with the authenticator app:')
  cli.print(`${renderQrTerminal(matrix, terminalStyle(cli, invert))}\n`)
  return true
}

/** Black on white shows on any terminal; without colours the background decides, and `--invert`. */
function terminalStyle({ terminal }: Cli, invert: true | undefined): QrTerminalStyle {
  if (invert) return 'plain-inverted'
  return terminal.allowsColour ? 'colour' : 'plain'
}
