import type { UnixSeconds } from '../base/time.ts'
import type { Change, Outcome } from '../domain/change.ts'
import {
  type ConsecutiveCodes,
  findConsecutive,
  LONGEST_COUNT,
} from '../domain/consecutive-codes.ts'
import { type Device, type HotpDevice, nextCounter, type TotpDevice } from '../domain/device.ts'
import { MOST_DRIFT_STEPS, nearestTo, stepsWithinADay } from '../domain/drift.ts'
import { type AdminInput, type AdminPorts, adminEvent } from './admin-act.ts'
import { requireDevice } from './device-label.ts'
import { openDeviceSecret } from './device-secret.ts'
import { requireKnown } from './known-account.ts'
import type { Vault } from './ports.ts'

/** The widest window there is, moved as far as it may be: no code further ahead is ever accepted. */
const NEWEST_MARK_STEPS = 4 + MOST_DRIFT_STEPS

export interface ResyncInput extends AdminInput {
  readonly label: string
  readonly codes: ConsecutiveCodes
}

/** What two consecutive codes have told. */
export type Resync =
  | {
      readonly kind: 'clock-found'
      /** How far its clock is ahead (positive) or behind, in whole periods. */
      readonly offsetSeconds: number
      /** The newest accepted code lay in the future, and does no longer. */
      readonly markRepaired: boolean
    }
  | { readonly kind: 'counter-found'; readonly counter: number; readonly skipped: number }
  /** Further off than a window may be moved: somebody has to set a clock right. */
  | { readonly kind: 'clock-too-far'; readonly offsetSeconds: number }
  /** Of a counter: it would have to go back, and codes would work twice. */
  | { readonly kind: 'used' }
  | { readonly kind: 'wrong' }

/**
 * Finds the clock or the counter of a device from two codes in a row, and follows it from there; both
 * codes are used up. Nobody gets in by it, and nobody is charged: it is an admin's act, on the record
 * also where it fails. Throws ERR_ACCOUNT_UNKNOWN and ERR_DEVICE_UNKNOWN.
 */
export async function resyncDevice(
  ports: AdminPorts & { readonly vault: Vault },
  input: ResyncInput,
): Promise<Resync> {
  const { result } = await ports.store.transact(input.name, (state, now) => {
    const known = requireKnown(state, input.name)
    const device = requireDevice(known, input.label)
    const secret = openDeviceSecret(ports.vault, known)(device)
    const outcome =
      device.kind === 'hotp'
        ? findCounter(device, secret, input.codes)
        : findClock(device, secret, input.codes, now)
    secret.fill(0)
    const event = resyncEvent(input, device, outcome.result, now)
    return { changes: [...outcome.changes, event], result: outcome.result }
  })
  return result
}

function findClock(
  device: TotpDevice,
  secret: Buffer,
  codes: ConsecutiveCodes,
  now: UnixSeconds,
): Outcome<Resync> {
  const { first: from, current, last: to } = stepsWithinADay(device, now)
  const step = nearestTo(current, findConsecutive(secret, device, codes, { from, to }))
  if (step === undefined) return { changes: [], result: { kind: 'wrong' } }
  const offsetSeconds = (step - current) * device.periodSeconds
  if (Math.abs(step - current) > MOST_DRIFT_STEPS) {
    return { changes: [], result: { kind: 'clock-too-far', offsetSeconds } }
  }
  const mark = device.lastAcceptedStep ?? -1
  const markRepaired = mark > current + NEWEST_MARK_STEPS
  return {
    changes: [
      { kind: 'set-drift', deviceId: device.id, driftSeconds: offsetSeconds },
      // Only a mark that no right clock has set goes back: else used codes would work again.
      { kind: 'move-mark', deviceId: device.id, step: markRepaired ? step : Math.max(step, mark) },
    ],
    result: { kind: 'clock-found', offsetSeconds, markRepaired },
  }
}

/** Only forward (RFC 4226 section 7.4): what was used stays used. */
function findCounter(device: HotpDevice, secret: Buffer, codes: ConsecutiveCodes): Outcome<Resync> {
  const next = nextCounter(device)
  const range = { from: next - LONGEST_COUNT, to: next + 1 + LONGEST_COUNT }
  const found = findConsecutive(secret, device, codes, range)
  const counter = found.find((each) => each >= next)
  if (counter === undefined) {
    return { changes: [], result: { kind: found.length > 0 ? 'used' : 'wrong' } }
  }
  return {
    changes: [{ kind: 'move-mark', deviceId: device.id, step: counter }],
    result: { kind: 'counter-found', counter, skipped: Math.max(0, counter - 1 - next) },
  }
}

const REFUSALS = {
  'clock-too-far': 'clock-off',
  used: 'code-replayed',
  wrong: 'code-wrong',
} as const

function resyncEvent(
  input: ResyncInput,
  device: Device,
  { kind }: Resync,
  at: UnixSeconds,
): Change {
  if (kind === 'clock-found' || kind === 'counter-found') {
    return adminEvent(input, 'device-resync', at, device.label)
  }
  const { actor } = input
  const what = { action: 'device-resync', outcome: 'denied', reason: REFUSALS[kind] } as const
  return { kind: 'append-audit', event: { at, actor, device: device.label, ...what } }
}
