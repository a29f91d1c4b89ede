import type { UnixSeconds } from '../../base/time.ts'
import type { BootTime } from '../../host/boot-clock.ts'
import type { RevertDeadline } from '../ssh/journal.ts'

/** Now, by both clocks. */
export interface Moment extends BootTime {
  readonly now: UnixSeconds
}

/**
 * Seconds until everything goes back; 0 or less: it is time. Within one boot only the clock counts that
 * nobody can set. After a reboot the wall clock does, but never beyond the whole time since that boot: a
 * host whose clock begins in 1970 would wait for ever.
 */
export function remainingSeconds(
  deadline: RevertDeadline,
  timeoutSeconds: number,
  { now, bootId, bootSeconds }: Moment,
): number {
  const beganAt = deadline.bootSeconds - timeoutSeconds
  // A container that has begun anew may have its host's boot id, and seconds of its own.
  const isSameBoot = bootId === deadline.bootId && bootSeconds >= beganAt
  if (isSameBoot) return deadline.bootSeconds - bootSeconds
  return Math.min(deadline.at - now, timeoutSeconds - bootSeconds)
}
