import { runHostProgram } from './host-program.ts'

const TIME_LIMIT_MILLISECONDS = 5000

/**
 * Whether the kernel's clock is kept right by another one, as timedatectl(1) has it, which asks the
 * kernel whatever program does it; `undefined`: there is no systemd that could be asked.
 */
export function isClockSynchronized(timedatectl: string): boolean | undefined {
  const { status, stdout } = runHostProgram(
    timedatectl,
    ['show', '--property=NTPSynchronized', '--value'],
    TIME_LIMIT_MILLISECONDS,
  )
  if (status !== 0) return undefined
  const answer = stdout.trim()
  return answer === 'yes' || answer === 'no' ? answer === 'yes' : undefined
}
