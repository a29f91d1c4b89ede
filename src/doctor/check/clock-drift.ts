import type { DoctorFacts, OwnedDevice } from '../facts.ts'
import { type Check, type Diagnosis, examined, notApplicable } from '../finding.ts'

/** Fewer say something about phones, not about this host. */
const FEWEST_DEVICES = 3
/** Half a usual period: what a person who types slowly comes to is less. */
const LEAST_SHARED_SECONDS = 15

/** What people's codes say about the clock of this host: one phone may be off, not all of them alike. */
export const clockDriftCheck: Check = { name: 'clock by the codes', judge }

function judge({ store }: DoctorFacts): Diagnosis {
  if (store.kind === 'failed') return notApplicable('the database cannot be opened')
  const drifts = store.devices.flatMap(driftOf).toSorted((a, b) => a - b)
  if (drifts.length < FEWEST_DEVICES) {
    return notApplicable(`fewer than ${FEWEST_DEVICES} devices have been used`)
  }
  const median = drifts[Math.floor(drifts.length / 2)] ?? 0
  if (Math.abs(median) < LEAST_SHARED_SECONDS) return examined()
  const isHostBehind = median > 0
  return examined({
    severity: 'warning',
    what: `half of the ${drifts.length} devices are ${Math.abs(median)} s or more ${isHostBehind ? 'ahead of' : 'behind'} this host (from ${signed(drifts[0])} to ${signed(drifts.at(-1))} s)`,
    why: `one phone may be off, all of them alike are not: it is this host's clock that is ${isHostBehind ? 'behind' : 'ahead'}; a little more, and right codes are wrong`,
    fix: 'timedatectl set-ntp true; then: timedatectl timesync-status',
  })
}

/** Learnt from codes that were right; a counter has no clock. */
function driftOf({ device }: OwnedDevice): readonly number[] {
  const isUsed = device.kind === 'totp' && device.lastUsedAt !== undefined
  return isUsed ? [device.driftSeconds] : []
}

function signed(seconds = 0): string {
  return seconds > 0 ? `+${seconds}` : String(seconds)
}
