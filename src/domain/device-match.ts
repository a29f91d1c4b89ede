import type { UnixSeconds } from '../base/time.ts'
import type { Device } from './device.ts'
import { driftSteps } from './drift.ts'
import { findSteps, stepAt } from './otp.ts'
import { judgeReplay } from './replay.ts'

/** What a code says about a person's devices, taken together as one attempt. */
export type CodeVerdict =
  | { readonly kind: 'right'; readonly device: Device; readonly step: number }
  | { readonly kind: 'replayed' }
  | { readonly kind: 'clock-behind' }
  | { readonly kind: 'wrong' }

export interface CodeMatching {
  readonly now: UnixSeconds
  /** Steps accepted on either side of now. */
  readonly window: number
  readonly openSecret: (device: Device) => Buffer
}

/** So many codes at most are right in one attempt, over all devices of a person. */
export const CODES_PER_ATTEMPT = 9
/** How many counters ahead a code of a button may be: presses that led to no login. */
export const HOTP_LOOK_AHEAD = 6

/** How many codes are right in one attempt. */
export function countRightCodes(devices: readonly Pick<Device, 'kind'>[], window: number): number {
  const counts = devices.map(({ kind }) => (kind === 'hotp' ? HOTP_LOOK_AHEAD : 2 * window + 1))
  return counts.reduce((sum, count) => sum + count, 0)
}

/**
 * Tries `code` on every device, with no short cut after a match. A device on which it is fresh wins;
 * a code that is right but used is told apart from a wrong one, since it is no guess.
 */
export function judgeCode(
  devices: readonly Device[],
  code: string,
  matching: CodeMatching,
): CodeVerdict {
  const window = narrowWindow(devices, matching.window)
  const verdicts = devices.map((device) => judgeDevice(device, code, { ...matching, window }))
  const byRank = (kind: CodeVerdict['kind']) => verdicts.find((verdict) => verdict.kind === kind)
  return byRank('right') ?? byRank('clock-behind') ?? byRank('replayed') ?? { kind: 'wrong' }
}

/**
 * The window that these devices are judged with. One that was widened after people got more devices
 * must not make guessing easier.
 */
export function narrowWindow(devices: readonly Pick<Device, 'kind'>[], window: number): number {
  return window > 0 && countRightCodes(devices, window) > CODES_PER_ATTEMPT
    ? narrowWindow(devices, window - 1)
    : window
}

function judgeDevice(device: Device, code: string, matching: CodeMatching): CodeVerdict {
  const { first, newest } = stepsOf(device, matching)
  const secret = matching.openSecret(device)
  const steps = findSteps(secret, device, code, first, newest)
  secret.fill(0)
  if (steps.length === 0) return { kind: 'wrong' }
  const verdict = judgeReplay(steps, device.lastAcceptedStep, newest)
  return verdict.kind === 'fresh' ? { kind: 'right', device, step: verdict.step } : verdict
}

/** The steps, or counters, whose codes are looked at; of a counter also the one used last. */
function stepsOf(
  device: Device,
  { now, window }: CodeMatching,
): { readonly first: number; readonly newest: number } {
  if (device.kind === 'hotp') {
    const used = device.lastAcceptedStep ?? -1
    return { first: used, newest: used + HOTP_LOOK_AHEAD }
  }
  const centre = stepAt(now, device.periodSeconds) + driftSteps(device)
  return { first: centre - window, newest: centre + window }
}
