import { type Command, Option } from 'commander'
import { AppError } from '../base/errors.ts'
import { formatDuration, parseDuration } from '../base/time.ts'
import type { Config } from '../config/config.ts'
import {
  LONGEST_PERIOD_SECONDS,
  type OtpAlgorithm,
  type OtpParameters,
  SHORTEST_PERIOD_SECONDS,
} from '../domain/device.ts'
import { qrOption } from './qr-options.ts'

/** Options that describe a new device; what is not given comes from the configuration. */
export interface DeviceOptions {
  readonly label?: string
  readonly type?: 'totp' | 'hotp'
  readonly digits?: '6' | '7' | '8'
  readonly algorithm?: OtpAlgorithm
  readonly period?: string
}

const DIGITS = { '6': 6, '7': 7, '8': 8 } as const
/** Printable ASCII, no blanks at the ends: a label is typed again and stands in logs. */
const LABEL = /^(?! )[ -~]{1,32}(?<! )$/

/** The options of every command that makes a device. */
export function withDeviceOptions(command: Command): Command {
  return command
    .option('--label <label>', 'what the device is called (default: phone; with hotp: token)')
    .addOption(
      new Option('--type <type>', 'codes by the clock, or by presses of a button')
        .choices(['totp', 'hotp'])
        .default('totp'),
    )
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
    .option('--secret-stdin', 'read the secret of an existing device, base32 or hex, from stdin')
    .option('--no-confirm', 'ask for no code: the first accepted one confirms the device')
}

/** Throws ERR_USAGE with what is allowed. */
export function parseDeviceOptions(
  options: DeviceOptions,
  standard: Config['totp'],
): { readonly label: string; readonly parameters: OtpParameters } {
  const { type = 'totp', digits } = options
  const shape = { digits: digits === undefined ? standard.digits : DIGITS[digits] }
  const label = parseLabel(options.label ?? (type === 'hotp' ? 'token' : 'phone'))
  return type === 'hotp'
    ? { label, parameters: { kind: 'hotp', ...shape, ...hotpRest(options) } }
    : { label, parameters: { kind: 'totp', ...shape, ...totpRest(options, standard) } }
}

/** A label as an admin may choose it. Throws ERR_USAGE. */
export function parseLabel(label: string): string {
  if (LABEL.test(label)) return label
  throw new AppError('ERR_USAGE', 'the label cannot be used', {
    hint: '1 to 32 ASCII characters without blanks at the ends',
  })
}

function totpRest({ algorithm, period }: DeviceOptions, standard: Config['totp']) {
  return {
    algorithm: algorithm ?? standard.algorithm,
    periodSeconds: period === undefined ? standard.periodSeconds : parsePeriod(period),
  }
}

/** RFC 4226 knows SHA-1 alone, and so do tokens: what apps are to use is not for them. */
function hotpRest({ algorithm = 'SHA1', period }: DeviceOptions) {
  if (period === undefined) return { algorithm }
  throw new AppError('ERR_USAGE', '--period is for codes by the clock', {
    hint: 'leave it out: a code by presses holds until the next one is used',
  })
}

function parsePeriod(text: string): number {
  const seconds = parseDuration(text)
  if (seconds >= SHORTEST_PERIOD_SECONDS && seconds <= LONGEST_PERIOD_SECONDS) return seconds
  throw new AppError('ERR_USAGE', `a period of ${formatDuration(seconds)} is not supported`, {
    hint: `${SHORTEST_PERIOD_SECONDS}s to ${LONGEST_PERIOD_SECONDS}s; apps expect 30s`,
  })
}
