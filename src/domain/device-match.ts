import type { UnixSeconds } from '../base/time.ts'
import type { Device } from './device.ts'
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

/**
 * Tries `code` on every device, with no short cut after a match. A device on which it is fresh wins;
 * a code that is right but used is told apart from a wrong one, since it is no guess.
 */
export function judgeCode(
  devices: readonly Device[],
  code: string,
  matching: CodeMatching,
): CodeVerdict {
  const verdicts = devices.map((device) => judgeDevice(device, code, matching))
  const byRank = (kind: CodeVerdict['kind']) => verdicts.find((verdict) => verdict.kind === kind)
  return byRank('right') ?? byRank('clock-behind') ?? byRank('replayed') ?? { kind: 'wrong' }
}

function judgeDevice(device: Device, code: string, matching: CodeMatching): CodeVerdict {
  const { now, window, openSecret } = matching
  const current = stepAt(now, device.periodSeconds)
  const newest = current + window
  const secret = openSecret(device)
  const steps = findSteps(secret, device, code, current - window, newest)
  secret.fill(0)
  if (steps.length === 0) return { kind: 'wrong' }
  const verdict = judgeReplay(steps, device.lastAcceptedStep, newest)
  return verdict.kind === 'fresh' ? { kind: 'right', device, step: verdict.step } : verdict
}
