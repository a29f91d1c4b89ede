import { statSync } from 'node:fs'
import { join } from 'node:path'
import { toUnixSeconds, type UnixSeconds } from '../base/time.ts'

const STAMPS = '/var/lib/systemd/timers'

/**
 * When a timer unit of systemd with Persistent= last went off, or was first switched on: systemd keeps
 * it as the time of a file (systemd.timer(5)). `undefined`: never, or there is no systemd.
 */
export function findTimerStamp(unit: string, directory: string = STAMPS): UnixSeconds | undefined {
  try {
    const { mtimeMs } = statSync(join(directory, `stamp-${unit}`))
    return toUnixSeconds(Math.floor(mtimeMs / 1000))
  } catch {
    return undefined
  }
}
