import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { AppError } from '../base/errors.ts'

/** Time that no setting of the clock changes, and that goes on while the host sleeps. */
export interface BootTime {
  /** Another one after each boot. */
  readonly bootId: string
  /** Whole seconds since that boot (CLOCK_BOOTTIME). */
  readonly bootSeconds: number
}

/** As proc(5) has them. Throws ERR_OUTPUT_FAILED. */
export function readBootTime(procDirectory = '/proc'): BootTime {
  try {
    const read = (name: string) => readFileSync(join(procDirectory, name), 'latin1').trim()
    const bootSeconds = Math.floor(Number(read('uptime').split(' ')[0]))
    const bootId = read('sys/kernel/random/boot_id')
    if (Number.isSafeInteger(bootSeconds) && bootId !== '') return { bootId, bootSeconds }
  } catch (cause) {
    throw new AppError('ERR_OUTPUT_FAILED', 'cannot read the time since boot', { cause })
  }
  throw new AppError('ERR_OUTPUT_FAILED', 'cannot read the time since boot')
}
