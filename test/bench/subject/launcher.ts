import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { OtpgateHost } from '../../support/otpgate-host.ts'

const CHECKOUT = fileURLToPath(new URL('../../../', import.meta.url)).replace(/\/$/, '')
/** How a launcher starts Node: with nothing but this. */
const CLEAN = '/usr/bin/env -i PATH='
/** Where a launcher says in which tree it stands. */
const ROOT_LINE = /^root=.*$/m

/** The text of a launcher of bin/ for another place; it starts the same program. */
export function copyLauncher(launcher: string): string {
  return readFileSync(launcher, 'utf8').replace(ROOT_LINE, `root='${CHECKOUT}'`)
}

/** Makes the launcher append one byte to `file` at each start: by the shell itself, without a process. */
export function countStarts(launcherText: string, file: string): string {
  return launcherText.replace(ROOT_LINE, (line) => `${line}\necho >>'${file}'`)
}

/** Loads a library before all others: the launchers themselves hand nothing on. */
export function preload(launcherText: string, library: string): string {
  const text = launcherText.replaceAll(CLEAN, `/usr/bin/env -i LD_PRELOAD=${library} PATH=`)
  if (!text.includes(library)) throw new Error('the launcher does not start Node as it used to')
  return text
}

/** A copy of a launcher of bin/ that loads a library before all others. Returns its path. */
export function writePreloading(host: OtpgateHost, launcher: string, library: string): string {
  const text = preload(copyLauncher(launcher), library)
  return host.writeProgram(`preloading-${basename(launcher)}`, text)
}
