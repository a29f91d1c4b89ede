import { encodeBase32, RFC4648_ALPHABET } from '../../src/base/base32.ts'
import { toUnixSeconds } from '../../src/base/time.ts'
import { generateCode, stepAt } from '../../src/domain/otp.ts'
import { parseSecret } from '../../src/domain/secret.ts'
import { HOTP_KEY } from '../vectors/rfc4226.ts'
import { requireTool } from './run-tool.ts'

/** The key of RFC 4226 appendix D, as people type it. */
export const RFC_SECRET = encodeBase32(Buffer.from(HOTP_KEY), RFC4648_ALPHABET)

const PERIOD_SECONDS = 30
const DAY_STEPS = 2880
const PARAMETERS = { algorithm: 'SHA1', digits: 6, periodSeconds: PERIOD_SECONDS } as const

/**
 * The code that an app shows at `time` (as date(1) reads it), by oathtool. `now` is what `time` goes by:
 * the same one for several codes, or a step may end between two that have to follow each other.
 */
export function appCode(secretBase32: string, time = 'now', now = new Date()): string {
  const at = time.replace(/^now\b/, now.toISOString())
  const args = ['--totp', '--base32', '--now', at, secretBase32]
  return requireTool('oathtool', args).stdout.trim()
}

/** The code that a hardware token shows after so many presses, by oathtool. */
export function tokenCode(secretHex: string, counter: number, digits = 6): string {
  const args = ['--hotp', '--counter', String(counter), '--digits', String(digits), secretHex]
  return requireTool('oathtool', args).stdout.trim()
}

/** Six digits that the app shows at no time within two days: also no clock that is off explains them. */
export function wrongAppCode(secretBase32: string): string {
  const secret = parseSecret(secretBase32)
  const current = stepAt(toUnixSeconds(Math.floor(Date.now() / 1000)), PERIOD_SECONDS)
  const steps = Array.from({ length: 4 * DAY_STEPS }, (_, index) => current - 2 * DAY_STEPS + index)
  const shown = new Set(steps.map((step) => generateCode(secret, PARAMETERS, step)))
  const wrong = Array.from({ length: 100 }, (_, index) => String(index).padStart(6, '0'))
  return wrong.find((code) => !shown.has(code)) ?? ''
}
