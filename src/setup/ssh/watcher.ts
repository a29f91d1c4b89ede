import { join } from 'node:path'
import { AppError } from '../../base/errors.ts'
import { monotonicMilliseconds } from '../../host/deadline.ts'
import { startDetached } from '../../host/detached-process.ts'
import { installFile, removeDraft, uninstallFile } from '../../host/install-file.ts'
import { isThere } from '../../host/path.ts'
import { hasSystemd, runSystemctl } from '../../host/systemctl.ts'
import { type SetupPlaces, UNIT_NAME } from './places.ts'
import { findWatcher, forgetWatcher } from './watcher-mark.ts'

const START_MILLISECONDS = 30_000
const POLL_MILLISECONDS = 50

/** What goes on when the terminal is gone. */
export interface Watcher {
  /** `process`: no systemd runs here, and nothing starts it again after a reboot. */
  readonly kind: 'unit' | 'process'
}

/**
 * Starts what takes the set-up back in time, before the first change: a unit that also starts at boot,
 * or, where no systemd runs, a process of its own; and waits until it says that it watches. Throws
 * ERR_SETUP_FAILED.
 */
export async function startWatcher(places: SetupPlaces, configPath: string): Promise<Watcher> {
  const kind = hasSystemd(places) ? 'unit' : 'process'
  const args = ['--config', configPath, 'setup', 'watch']
  forgetWatcher(places)
  if (kind === 'unit') startUnit(places, [places.otpgate, ...args])
  else startDetached(places.otpgate, args)
  const end = monotonicMilliseconds() + START_MILLISECONDS
  while (findWatcher(places) === undefined) {
    if (monotonicMilliseconds() > end) throw doesNotWatch(kind)
    await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS))
  }
  return { kind }
}

function startUnit(places: SetupPlaces, command: readonly string[]): void {
  installFile(unitPath(places), renderUnit(command), { mode: 0o644, uid: 0, gid: 0 })
  runSystemctl(places, 'daemon-reload')
  runSystemctl(places, 'enable', UNIT_NAME)
  // One of an earlier set-up may not have ended yet.
  runSystemctl(places, 'restart', UNIT_NAME)
}

function doesNotWatch(kind: Watcher['kind']): AppError {
  const see = kind === 'unit' ? `journalctl -u ${UNIT_NAME}` : 'otpgate setup watch'
  return new AppError('ERR_SETUP_FAILED', 'what would take the set-up back does not run', {
    hint: `see: ${see}`,
  })
}

/** Takes the unit away; what runs of it ends by itself. Safe to repeat. Throws ERR_SETUP_FAILED. */
export function retireWatcher(places: SetupPlaces): void {
  const path = unitPath(places)
  removeDraft(path)
  if (!isThere(path)) return
  const isManaged = hasSystemd(places)
  if (isManaged) runSystemctl(places, 'disable', UNIT_NAME)
  uninstallFile(path)
  if (isManaged) runSystemctl(places, 'daemon-reload')
}

/** Status 0 is its own end, and final; everything else starts it again. */
function renderUnit(command: readonly string[]): string {
  return `# Written by otpgate setup ssh, and gone once that is confirmed or taken back.
[Unit]
Description=Take otpgate's set-up for SSH back unless it is confirmed
Documentation=man:otpgate(8)
StartLimitIntervalSec=0

[Service]
ExecStart=${command.map(quoteForUnit).join(' ')}
Restart=always
RestartSec=1
RestartPreventExitStatus=0

[Install]
WantedBy=multi-user.target
`
}

/** systemd.service(5), COMMAND LINES: quotes, and what means something inside of them. */
function quoteForUnit(word: string): string {
  const safe = word.replace(/["\\]/g, '\\$&').replaceAll('%', '%%').replaceAll('$', '$$$$')
  return `"${safe}"`
}

function unitPath({ unitDirectory }: SetupPlaces): string {
  return join(unitDirectory, UNIT_NAME)
}
