import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { toUnixSeconds, type UnixSeconds } from '../base/time.ts'
import { runHostProgram } from './host-program.ts'
import { isThere } from './path.ts'

const TIME_LIMIT_MILLISECONDS = 5000

/** Where systemd looks for units, the first wins (systemd.unit(5)). */
export const UNIT_DIRECTORIES = [
  '/etc/systemd/system',
  '/run/systemd/system',
  '/usr/local/lib/systemd/system',
  '/usr/lib/systemd/system',
  '/lib/systemd/system',
] as const

/** A service that runs, as systemd has it. */
export interface ServiceState {
  /** What it says of itself (STATUS= of sd_notify(3)); may be empty. */
  readonly status: string
  readonly startedAt: UnixSeconds | undefined
}

/** `undefined`: it does not run, or there is no systemd that could be asked. */
export function readServiceState(systemctl: string, unit: string): ServiceState | undefined {
  const asked = '--property=ActiveState,StatusText,ExecMainStartTimestamp'
  const { status, stdout } = runHostProgram(
    systemctl,
    ['show', unit, '--timestamp=unix', asked],
    TIME_LIMIT_MILLISECONDS,
  )
  if (status !== 0) return undefined
  const propertyOf = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(stdout)?.[1]
  if (propertyOf('ActiveState') !== 'active') return undefined
  // Before systemd 247 the time is one for people: then nothing is known.
  const started = /^@(\d+)$/.exec(propertyOf('ExecMainStartTimestamp') ?? '')?.[1]
  return {
    status: propertyOf('StatusText') ?? '',
    startedAt: started === undefined ? undefined : toUnixSeconds(Number(started)),
  }
}

/** Whether systemd listens for it from boot on: `systemctl enable` was told to. */
export function isSocketEnabled(directories: readonly string[], unit: string): boolean {
  return directories.some((directory) => isThere(join(directory, 'sockets.target.wants', unit)))
}

/** The file that `LoadCredential=` names for a credential, drop-ins included; the last one counts. */
export function findCredential(
  directories: readonly string[],
  unit: string,
  credential: string,
): string | undefined {
  const own = directories.map((directory) => join(directory, unit)).filter(isThere)
  const dropIns = directories.flatMap((each) => globSync(join(each, `${unit}.d`, '*.conf')))
  const lines = [...own.slice(0, 1), ...dropIns.toSorted()].flatMap((file) => readLines(file))
  const start = `LoadCredential=${credential}:`
  return lines
    .findLast((line) => line.startsWith(start))
    ?.slice(start.length)
    .trim()
}

function readLines(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8').split('\n')
  } catch {
    return []
  }
}
