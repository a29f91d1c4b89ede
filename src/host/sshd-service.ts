import { readFileSync, readlinkSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { AppError } from '../base/errors.ts'
import { toPrintable } from '../base/text.ts'
import { runHostProgram } from './host-program.ts'
import { hasSystemd, isUnitActive, runSystemctl, type SystemdPlaces } from './systemctl.ts'

const SERVICES = ['ssh.service', 'sshd.service'] as const
const SOCKETS = ['ssh.socket', 'sshd.socket'] as const
/** What proc(5) puts behind the path of a program that was replaced. */
const REPLACED = / \(deleted\)$/

/** An sshd that waits for connections, and how it is told to read its configuration again. */
export type SshdService =
  | { readonly kind: 'unit'; readonly unit: string }
  /** Started for each connection: it reads the file each time. */
  | { readonly kind: 'socket'; readonly unit: string }
  | { readonly kind: 'process'; readonly pid: number }

/** Where sshd is looked for. */
export interface SshdServicePlaces extends SystemdPlaces {
  readonly sshd: string
  readonly sshdConfig: string
  readonly procDirectory: string
}

/** The sshd that runs here; `pidFile` as `sshd -T` gives it. */
export function findSshdService(
  places: SshdServicePlaces,
  pidFile: string,
): SshdService | undefined {
  if (hasSystemd(places)) {
    const unit = SERVICES.find((each) => isUnitActive(places, each))
    if (unit !== undefined) return { kind: 'unit', unit }
    const socket = SOCKETS.find((each) => isUnitActive(places, each))
    if (socket !== undefined) return { kind: 'socket', unit: socket }
  }
  const pid = readPid(pidFile)
  return pid !== undefined && isSshd(places, pid) ? { kind: 'process', pid } : undefined
}

/**
 * Has sshd read its configuration again. Asked first whether it takes it: a reload with a mistake in
 * it would be its end. Throws ERR_SETUP_FAILED.
 */
export function reloadSshd(places: SshdServicePlaces, service: SshdService): void {
  assertSshdTakes(places)
  switch (service.kind) {
    case 'unit':
      runSystemctl(places, 'reload', service.unit)
      break
    case 'socket':
      break
    case 'process':
      if (!isSshd(places, service.pid)) throw isGone(service.pid)
      process.kill(service.pid, 'SIGHUP')
  }
}

/** Starts one that has ended: by its unit, or as it puts itself into the background. */
export function startSshd(places: SshdServicePlaces, unit: string | undefined): void {
  assertSshdTakes(places)
  if (unit !== undefined) {
    // Else one that has failed again and again is not started for a while (StartLimitBurst).
    runHostProgram(places.systemctl, ['reset-failed', unit])
    runSystemctl(places, 'restart', unit)
    return
  }
  const command = [places.sshd, '-f', places.sshdConfig]
  // By a unit of ours, systemd would end it together with that.
  const scope = hasSystemd(places) ? [systemdRunOf(places), '--scope', '--quiet'] : []
  const [program = '', ...args] = [...scope, ...command]
  const { status, complaint } = runHostProgram(program, args)
  if (status === 0) return
  throw new AppError('ERR_SETUP_FAILED', `sshd does not start: ${toPrintable(complaint)}`)
}

/** Throws ERR_SETUP_FAILED unless sshd would start with its configuration (`sshd -t`). */
export function assertSshdTakes({ sshd, sshdConfig }: SshdServicePlaces): void {
  const { status, complaint } = runHostProgram(sshd, ['-t', '-f', sshdConfig])
  if (status === 0) return
  const what = `sshd does not take its configuration: ${toPrintable(complaint)}`
  throw new AppError('ERR_SETUP_FAILED', what, { hint: `see: ${sshd} -t` })
}

/** Whether the service is still there: a reload may have been its end. */
export function isSshdUp(places: SshdServicePlaces, service: SshdService): boolean {
  return service.kind === 'process'
    ? isSshd(places, service.pid)
    : isUnitActive(places, service.unit)
}

/** systemd-run(1) is of the same package. */
function systemdRunOf({ systemctl }: SystemdPlaces): string {
  return join(dirname(systemctl), 'systemd-run')
}

function isGone(pid: number): AppError {
  return new AppError('ERR_SETUP_FAILED', `sshd, process ${pid}, has ended`)
}

function readPid(path: string): number | undefined {
  try {
    const text = readFileSync(path, 'latin1').trim()
    return /^[1-9]\d{0,9}$/.test(text) ? Number(text) : undefined
  } catch {
    return undefined
  }
}

/** The id in a file may be another program's by now. */
function isSshd({ procDirectory, sshd }: SshdServicePlaces, pid: number): boolean {
  try {
    const program = readlinkSync(join(procDirectory, String(pid), 'exe')).replace(REPLACED, '')
    return basename(program) === basename(sshd)
  } catch {
    return false
  }
}
