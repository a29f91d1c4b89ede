import { DAY_SECONDS, type UnixSeconds } from '../base/time.ts'
import type { Change } from './change.ts'
import type { Device, TotpDevice, TotpParameters } from './device.ts'
import { findSteps, stepAt } from './otp.ts'

/** Learnt drift moves the window by so many steps at most, and never widens it. */
export const MOST_DRIFT_STEPS = 2
/** How much of a new offset is believed: one late code says little, several in a row do. */
const LEARNING_RATE = 0.25

/** By how many steps the window of this device is moved. */
export function driftSteps(device: Pick<TotpDevice, 'driftSeconds' | 'periodSeconds'>): number {
  return clamp(Math.round(device.driftSeconds / device.periodSeconds), MOST_DRIFT_STEPS)
}

/**
 * What a right code tells about the device's clock. A counter has none. `window`: as it was judged
 * with, which may be narrower than the configured one.
 */
export function driftChanges(
  device: Device,
  step: number,
  window: number,
  now: UnixSeconds,
): readonly Change[] {
  if (device.kind === 'hotp') return []
  const driftSeconds = learnDrift(device, step, window, now)
  if (driftSeconds === device.driftSeconds) return []
  return [{ kind: 'set-drift', deviceId: device.id, driftSeconds }]
}

/**
 * A running average of the offsets at which codes matched, in whole seconds. What is learnt moves the
 * window by no more steps than it is wide on one side, so the step of now stays in it: a phone whose
 * clock is put right is never turned away for what was learnt. A window of 0 learns nothing. What
 * `resync` found may be further off, up to MOST_DRIFT_STEPS: for a token that cannot be put right.
 */
function learnDrift(device: TotpDevice, step: number, window: number, now: UnixSeconds): number {
  const { driftSeconds, periodSeconds } = device
  const offset = (step - stepAt(now, periodSeconds)) * periodSeconds
  const learnt = Math.round(driftSeconds + LEARNING_RATE * (offset - driftSeconds))
  const most = Math.min(MOST_DRIFT_STEPS, Math.max(window, Math.abs(driftSteps(device))))
  return clamp(learnt, most * periodSeconds)
}

function clamp(value: number, most: number): number {
  // Never the negative zero that Math.round makes of -0.2: the store would take it for a fraction.
  return Math.max(-most, Math.min(most, value)) || 0
}

/** How far a wrong clock is looked for when a code does not fit: a day on either side. */
const LONGEST_OFFSET_SECONDS = DAY_SECONDS

/**
 * By how many seconds the device's clock is ahead (positive) or behind (negative), if `code` is
 * right for some other time within a day; the nearest such time. `undefined`: right for none.
 *
 * For the admin at an enrolment only: thousands of codes are right somewhere in two days, so this
 * proves nothing and never admits anybody.
 */
export function findClockOffset(
  secret: Buffer,
  parameters: TotpParameters,
  code: string,
  now: UnixSeconds,
): number | undefined {
  const { first, current, last } = stepsWithinADay(parameters, now)
  const nearest = nearestTo(current, findSteps(secret, parameters, code, first, last))
  return nearest === undefined ? undefined : (nearest - current) * parameters.periodSeconds
}

/** All steps at which a device's clock may stand whose offset can be found. */
export function stepsWithinADay(
  { periodSeconds }: TotpParameters,
  now: UnixSeconds,
): { readonly first: number; readonly current: number; readonly last: number } {
  const current = stepAt(now, periodSeconds)
  const reach = Math.ceil(LONGEST_OFFSET_SECONDS / periodSeconds)
  return { first: current - reach, current, last: current + reach }
}

/** The step nearest to `current`; of two, the earlier. */
export function nearestTo(current: number, steps: readonly number[]): number | undefined {
  return steps.toSorted((a, b) => Math.abs(a - current) - Math.abs(b - current))[0]
}
