import type { UnixSeconds } from '../base/time.ts'
import type { OtpParameters } from './device.ts'
import { findSteps, stepAt } from './otp.ts'

/** How far a wrong clock is looked for when a code does not fit: a day on either side. */
const LONGEST_OFFSET_SECONDS = 86400

/**
 * By how many seconds the device's clock is ahead (positive) or behind (negative), if `code` is
 * right for some other time within a day; the nearest such time. `undefined`: right for none.
 *
 * For the admin at an enrolment only: thousands of codes are right somewhere in two days, so this
 * proves nothing and never admits anybody.
 */
export function findClockOffset(
  secret: Buffer,
  parameters: OtpParameters,
  code: string,
  now: UnixSeconds,
): number | undefined {
  const current = stepAt(now, parameters.periodSeconds)
  const reach = Math.ceil(LONGEST_OFFSET_SECONDS / parameters.periodSeconds)
  const steps = findSteps(secret, parameters, code, current - reach, current + reach)
  const offsets = steps.map((step) => step - current)
  const nearest = offsets.sort((a, b) => Math.abs(a) - Math.abs(b))[0]
  return nearest === undefined ? undefined : nearest * parameters.periodSeconds
}
