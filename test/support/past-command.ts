import { join } from 'node:path'
import type { Otpgate } from './otpgate-host.ts'
import { runProgram } from './run-program.ts'

const ROOT = join(import.meta.dirname, '../..')

/** Runs an admin's command as it would have run so many days ago, by faketime(1). Throws its words. */
export async function runDaysAgo(
  { configFile }: Otpgate,
  days: number,
  args: readonly string[],
): Promise<void> {
  // Not through the launcher: it keeps LD_PRELOAD out.
  const program = [join(ROOT, 'node_modules/.bin/node'), join(ROOT, 'dist/otpgate.cjs')]
  const command = ['-f', `-${days}d`, ...program, '--config', configFile, ...args]
  const { status, stderr } = await runProgram('/usr/bin/faketime', command)
  if (status !== 0) throw new Error(`otpgate ${args[0]} ended with ${status}: ${stderr.trim()}`)
}
