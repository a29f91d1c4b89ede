const TIME_LIMIT_MILLISECONDS = 5000

/**
 * Whether the kernel's clock is kept right by another one, as timedatectl(1) has it, which asks the
 * kernel whatever program does it; `undefined`: there is no systemd that could be asked.
 */
export function isClockSynchronized(timedatectl: string): boolean | undefined {
  const { spawnSync } = process.getBuiltinModule('node:child_process')
  const { status, stdout } = spawnSync(
    timedatectl,
    ['show', '--property=NTPSynchronized', '--value'],
    {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
      encoding: 'utf8',
      timeout: TIME_LIMIT_MILLISECONDS,
      killSignal: 'SIGKILL',
    },
  )
  if (status !== 0) return undefined
  const answer = stdout.trim()
  return answer === 'yes' || answer === 'no' ? answer === 'yes' : undefined
}
