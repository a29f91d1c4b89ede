import { toPrintable } from '../base/text.ts'
import { type Device, nextCounter } from '../domain/device.ts'
import { toOtpauthUri, toSecretBase32 } from '../domain/otpauth-uri.ts'
import { writeNewFile } from '../host/write-file.ts'
import { renderGroupedKey } from '../render/grouped-key.ts'
import { createQrMatrix, type QrMatrix } from '../render/qr-matrix.ts'
import { renderQrPng } from '../render/qr-png.ts'
import { renderQrSvg } from '../render/qr-svg.ts'
import { measureQrTerminal, type QrTerminalStyle, renderQrTerminal } from '../render/qr-terminal.ts'
import type { Cli, Session } from './context.ts'
import { qrCommandLine } from './device-words.ts'
import type { QrOptions } from './qr-options.ts'

/** A secret and what an app needs beside it. */
interface Enrollable {
  readonly user: string
  readonly secret: Buffer
  readonly device: Device
  /** The command that shows it again, where that is not plain `otpgate qr USER`. */
  readonly again?: string
}

const SECRET_FILE_MODE = 0o600

/** The URI that apps scan, with this host's issuer. */
export function uriOf(cli: Cli, { config }: Session, { user, secret, device }: Enrollable): string {
  const issuer = config.totp.issuer ?? cli.hostName()
  return toOtpauthUri(secret, device, { issuer, account: user }, counterOf(device))
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
  const isPictureToStdout = writePicture(cli, uri, options)
  const again = cli.ways?.again ?? shown.again ?? qrCommandLine(shown.user)
  const isDrawn = drawQrCode(cli, uri, again, options)
  const line = isPictureToStdout ? cli.talk : (text: string) => cli.print(`${text}\n`, again)
  cli.talk(isDrawn ? 'Or type this key into the app:' : 'Type this key into the app:')
  line(`  ${renderGroupedKey(toSecretBase32(shown.secret))}`)
  cli.talk(`  (${describeParameters(shown.device)})`)
  cli.talk('or open this link on the phone:')
  line(`  ${uri}`)
  cli.talk('')
}

function describeParameters(device: Device): string {
  const { algorithm, digits } = device
  return device.kind === 'hotp'
    ? `counter based, from ${nextCounter(device)}, ${digits} digits, ${algorithm}`
    : `time based, ${digits} digits, every ${device.periodSeconds} seconds, ${algorithm}`
}

function counterOf(device: Device): number | undefined {
  return device.kind === 'hotp' ? nextCounter(device) : undefined
}

/** Writes the picture that the options ask for, if any; whether it went to stdout. */
export function writePicture(cli: Cli, uri: string, { qr, out }: QrOptions): boolean {
  if (qr !== 'png' && qr !== 'svg') return false
  const matrix = createQrMatrix(uri)
  const picture = qr === 'png' ? renderQrPng(matrix) : renderQrSvg(matrix)
  if (out === undefined) {
    cli.print(picture)
    return true
  }
  writeNewFile(out, picture, SECRET_FILE_MODE)
  cli.talk(`The QR code is in ${toPrintable(out)}. It is the secret: delete it once it is`)
  cli.talk('scanned.')
  return false
}

/** Whether the code is on the screen. */
function drawQrCode(cli: Cli, uri: string, again: string, { qr, invert }: QrOptions): boolean {
  const form = qr ?? (cli.terminal.isTerminal ? 'terminal' : 'none')
  if (form !== 'terminal') return false
  const matrix = createQrMatrix(uri)
  if (!fitsWindow(cli, matrix)) {
    explainWindow(cli, matrix, again)
    return false
  }
  cli.talk('Scan this with the authenticator app:')
  cli.print(`${renderQrTerminal(matrix, terminalStyle(cli, invert))}\n`)
  return true
}

function fitsWindow({ terminal }: Cli, matrix: QrMatrix): boolean {
  const { columns, lines } = measureQrTerminal(matrix)
  return !terminal.isTerminal || (columns <= terminal.columns && lines < terminal.rows)
}

function explainWindow({ terminal, talk, ways }: Cli, matrix: QrMatrix, again: string): void {
  const { columns, lines } = measureQrTerminal(matrix)
  talk(
    `The QR code needs ${columns} columns and ${lines + 1} lines; this window has ` +
      `${terminal.columns} and ${terminal.rows}.`,
  )
  if (ways !== undefined) {
    talk('To see it, press Ctrl-C, and in a larger window start again with:')
    talk(`    ${again}`)
  } else {
    talk('In a larger window, also while this one waits for a code, run:')
    talk(`    ${again}`)
    talk('or write a picture:')
    talk(`    ${again} --qr png --out FILE`)
  }
  talk('')
}

/** Black on white shows on any terminal; without colours the background decides, and `--invert`. */
function terminalStyle({ terminal }: Cli, invert: true | undefined): QrTerminalStyle {
  if (invert) return 'plain-inverted'
  return terminal.allowsColour ? 'colour' : 'plain'
}
