import { AppError } from '../base/errors.ts'
import { toPrintable } from '../base/text.ts'
import { runHostProgram } from './host-program.ts'
import { isThere } from './path.ts'

/** systemd of this host: its program, and what is there where it is process 1. */
export interface SystemdPlaces {
  readonly systemctl: string
  readonly systemdMark: string
}

/** Whether systemd is process 1 (sd_booted(3)). */
export function hasSystemd({ systemdMark }: SystemdPlaces): boolean {
  return isThere(systemdMark)
}

/** Whether the unit is running, or listening. */
export function isUnitActive({ systemctl }: SystemdPlaces, unit: string): boolean {
  return runHostProgram(systemctl, ['--quiet', 'is-active', unit]).status === 0
}

/** Runs one verb of systemctl(1). Throws ERR_SETUP_FAILED. */
export function runSystemctl({ systemctl }: SystemdPlaces, ...args: readonly string[]): void {
  const { status, complaint } = runHostProgram(systemctl, args)
  if (status === 0) return
  const what = `systemctl ${args.join(' ')} failed: ${toPrintable(complaint)}`
  throw new AppError('ERR_SETUP_FAILED', what)
}
