import type { Now } from '../../src/app/ports.ts'
import type { TotpParameters } from '../../src/domain/device.ts'
import { findClockOffset } from '../../src/domain/drift.ts'
import { generateCode, stepAt } from '../../src/domain/otp.ts'
import { parseSecret } from '../../src/domain/secret.ts'
import { renderDuration } from '../../src/render/duration.ts'

/** What `otpgate enroll` makes where nothing else is configured. */
const PARAMETERS: TotpParameters = { kind: 'totp', algorithm: 'SHA1', digits: 6, periodSeconds: 30 }

/** No code of this many steps around now is called wrong: the window is far smaller. */
const STEPS_AROUND = 10

/** An authenticator app that has scanned the QR code. */
export interface Phone {
  /** The code it shows now. */
  code(): string
  /** Six digits that are right neither now nor for some minutes. */
  wrongCode(): string
  /** What may be the matter with a code that somebody typed in vain. */
  explain(code: string): string
}

/** A phone with this secret, in base32. */
export function createPhone(secretBase32: string, now: Now): Phone {
  const secret = parseSecret(secretBase32)
  const codeAt = (stepsFromNow: number) =>
    generateCode(secret, PARAMETERS, stepAt(now(), PARAMETERS.periodSeconds) + stepsFromNow)
  return {
    code: () => codeAt(0),
    wrongCode: () => {
      const steps = Array.from({ length: 2 * STEPS_AROUND + 1 }, (_, index) => index - STEPS_AROUND)
      const right = new Set(steps.map(codeAt))
      let guess = 0
      while (right.has(toDigits(guess))) guess++
      return toDigits(guess)
    },
    explain: (code) => explainOffset(findClockOffset(secret, PARAMETERS, code, now())),
  }
}

function toDigits(value: number): string {
  return String(value).padStart(PARAMETERS.digits, '0')
}

function explainOffset(offsetSeconds: number | undefined): string {
  if (offsetSeconds === undefined) {
    return 'Is it the entry "otpgate" that the app shows? A code holds for half a minute only.'
  }
  const off = renderDuration(Math.abs(offsetSeconds))
  if (offsetSeconds === 0) return 'It was right a moment ago; the next one will do.'
  const direction = offsetSeconds > 0 ? 'ahead of' : 'behind'
  return `It fits a clock about ${off} ${direction} this host's: is the phone's clock automatic?`
}
