import { setTimeout } from 'node:timers/promises'
import { requireTool } from '../../support/run-tool.ts'

const POLL_MS = 50

/** systemctl(1); throws with its own words where its status is not 0. */
export function systemctl(...args: readonly string[]): string {
  return requireTool('systemctl', args).stdout.trim()
}

/** A property of a unit, as systemd writes it. */
export function propertyOf(unit: string, property: string): string {
  return systemctl('show', '--value', '--property', property, unit)
}

/** Process id of a service that is up; `undefined` while it is not, or not yet. */
export function findMainPid(unit: string): number | undefined {
  // Both in one answer: between two it could have ended.
  const lines = systemctl('show', '-p', 'ActiveState', '-p', 'MainPID', unit).split('\n')
  if (!lines.includes('ActiveState=active')) return undefined
  return Number(lines.find((line) => line.startsWith('MainPID='))?.slice('MainPID='.length))
}

/** Process id of a service that runs. */
export function mainPid(unit: string): number {
  const pid = findMainPid(unit)
  if (pid !== undefined) return pid
  throw new Error(`${unit} does not run`)
}

/** Comes back as soon as it is true; throws where it does not become true in time. */
export async function until(
  what: string,
  isTrue: () => boolean,
  limitMilliseconds: number,
): Promise<void> {
  const end = Date.now() + limitMilliseconds
  while (!isTrue()) {
    if (Date.now() > end) throw new Error(`not in ${limitMilliseconds} ms: ${what}`)
    await setTimeout(POLL_MS)
  }
}
