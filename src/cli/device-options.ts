import { AppError } from '../base/errors.ts'
import { formatDuration, parseDuration } from '../base/time.ts'
import type { Config } from '../config/config.ts'
import {
  LONGEST_PERIOD_SECONDS,
  type OtpAlgorithm,
  type OtpParameters,
  SHORTEST_PERIOD_SECONDS,
} from '../domain/device.ts'

/** Options that describe a new device; what is not given comes from the configuration. */
export interface DeviceOptions {
  readonly label: string
  readonly digits?: '6' | '7' | '8'
  readonly algorithm?: OtpAlgorithm
  readonly period?: string
}

const DIGITS = { '6': 6, '7': 7, '8': 8 } as const
/** Printable ASCII, no blanks at the ends: a label is typed again and stands in logs. */
const LABEL = /^(?! )[ -~]{1,32}(?<! )$/

/** Throws ERR_USAGE with what is allowed. */
export function parseDeviceOptions(
  { label, digits, algorithm, period }: DeviceOptions,
  standard: Config['totp'],
): { readonly label: string; readonly parameters: OtpParameters } {
  if (!LABEL.test(label)) {
    throw new AppError('ERR_USAGE', 'the label cannot be used', {
      hint: '1 to 32 ASCII characters without blanks at the ends',
    })
  }
  return {
    label,
    parameters: {
      kind: 'totp',
      digits: digits === undefined ? standard.digits : DIGITS[digits],
      algorithm: algorithm ?? standard.algorithm,
      periodSeconds: period === undefined ? standard.periodSeconds : parsePeriod(period),
    },
  }
}

function parsePeriod(text: string): number {
  const seconds = parseDuration(text)
  if (seconds >= SHORTEST_PERIOD_SECONDS && seconds <= LONGEST_PERIOD_SECONDS) return seconds
  throw new AppError('ERR_USAGE', `a period of ${formatDuration(seconds)} is not supported`, {
    hint: `${SHORTEST_PERIOD_SECONDS}s to ${LONGEST_PERIOD_SECONDS}s; apps expect 30s`,
  })
}
