import { existsSync } from 'node:fs'
import { describe } from 'vitest'

const SLOW_TEST_MS = 120_000

/**
 * A suite for the inside of test/support/in-systemd, which has otpgate installed and its units enabled.
 * It changes the machine, so that it goes by that script's word and not by what it finds.
 */
export function describeBooted(title: string, define: () => void): void {
  const isBooted = process.env.OTPGATE_TEST_BOOTED === '1' && existsSync('/run/systemd/system')
  if (!isBooted) {
    process.stderr.write(`\nSKIPPED: ${title}\nrun test/support/in-systemd bookworm as root\n\n`)
  }
  describe.skipIf(!isBooted)(title, { timeout: SLOW_TEST_MS }, define)
}
