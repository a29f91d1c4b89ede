import { Option } from 'commander'
import { AppError } from '../base/errors.ts'
import { assertNewFile } from '../host/write-file.ts'
import type { Cli } from './context.ts'

const QR_FORMS = ['terminal', 'png', 'svg', 'none'] as const
type QrForm = (typeof QR_FORMS)[number]

/** How a secret is to be shown. */
export interface QrOptions {
  readonly qr?: QrForm
  readonly out?: string
  readonly invert?: true
  readonly json?: true
}

/** `--qr`. */
export function qrOption(): Option {
  return new Option('--qr <form>', 'the QR code: on a terminal, or as a picture').choices(QR_FORMS)
}

/**
 * Throws ERR_USAGE for options that do not go together, and ERR_OUTPUT_* where no picture can be
 * written: before anything is done, since a secret that is never shown helps nobody.
 */
export function checkQrOptions({ terminal }: Cli, { qr, out, invert, json }: QrOptions): void {
  const isPicture = qr === 'png' || qr === 'svg'
  if (json && out === undefined && qr !== undefined && qr !== 'none') {
    throw new AppError('ERR_USAGE', '--json needs stdout for itself', {
      hint: 'for a picture beside it add --qr png --out FILE',
    })
  }
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
  if (out !== undefined) assertNewFile(out)
}
