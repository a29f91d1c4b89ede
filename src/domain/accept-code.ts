import type { UnixSeconds } from '../base/time.ts'
import { type KnownAccount, usableDevices } from './account.ts'
import { admissionChanges } from './admission.ts'
import { loginEvent } from './audit-event.ts'
import type { Change, Outcome } from './change.ts'
import type { Accepted } from './decision.ts'
import type { Device } from './device.ts'
import { narrowWindow } from './device-match.ts'
import { driftChanges } from './drift.ts'
import { overrideAfterEnrolling } from './override.ts'
import { budgetPolicy, type LoginInput, type OpenBudget } from './standing.ts'
import { succeedThrottle } from './throttle.ts'

/** Lets somebody in by a device's code of `step`, which is used up by it. */
export function acceptCode(
  state: KnownAccount,
  { device, step }: { readonly device: Device; readonly step: number },
  { budget, throttle }: OpenBudget,
  input: LoginInput,
): Outcome<Accepted> {
  const { facts, policy, now } = input
  const method = device.kind
  const event = loginEvent(facts, now, { outcome: 'accepted', method, device: device.label })
  const relieved = succeedThrottle(throttle, budgetPolicy(budget, policy.throttle), now)
  const window = narrowWindow(usableDevices(state), policy.window)
  return {
    changes: [
      { kind: 'accept-step', deviceId: device.id, step, at: now },
      ...firstUseChanges(state, device, now),
      ...driftChanges(device, step, window, now),
      { kind: 'set-throttle', budget, throttle: relieved },
      ...admissionChanges(facts, method, now),
      { kind: 'append-audit', event },
    ],
    result: { outcome: 'accepted', method, device: device.label },
  }
}

/** The first code of a device that counts unconfirmed is what confirms it. */
function firstUseChanges(
  { account }: KnownAccount,
  device: Device,
  now: UnixSeconds,
): readonly Change[] {
  if (device.confirmedAt !== undefined) return []
  return [
    { kind: 'confirm-device', deviceId: device.id, at: now },
    { kind: 'set-override', override: overrideAfterEnrolling(account.override) },
  ]
}
