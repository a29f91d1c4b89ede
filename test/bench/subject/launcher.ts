import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { OtpgateHost } from '../../support/otpgate-host.ts'

const CHECKOUT = fileURLToPath(new URL('../../../', import.meta.url)).replace(/\/$/, '')
/** How a launcher starts Node: with nothing but this. */
const CLEAN = '/usr/bin/env -i PATH='

/**
 * A copy of a launcher of bin/ that starts the same program, with a library loaded before all others:
 * the launchers themselves hand nothing on. Returns its path.
 */
export function writePreloading(host: OtpgateHost, launcher: string, library: string): string {
  const text = readFileSync(launcher, 'utf8')
  const copy = text
    .replace(/^root=.*$/m, `root='${CHECKOUT}'`)
    .replaceAll(CLEAN, `/usr/bin/env -i LD_PRELOAD=${library} PATH=`)
  if (!copy.includes(library)) throw new Error(`${launcher} does not start Node as it used to`)
  return host.writeProgram(`preloading-${basename(launcher)}`, copy)
}
