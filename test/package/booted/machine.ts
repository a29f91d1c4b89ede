import { describe } from 'vitest'
import { type ProgramResult, runProgram } from '../../support/run-program.ts'

const SLOW_TEST_MS = 300_000
/** The process id, out here, of the machine's process 1: test/support/in-package says it. */
const INIT = process.env.OTPGATE_TEST_MACHINE

const INTO_MACHINE = [
  ...['--target', INIT ?? '', '--mount', '--uts', '--ipc', '--net', '--pid', '--cgroup', '--root'],
  ...['/usr/bin/env', '-i', '-C', '/', 'PATH=/usr/sbin:/usr/bin:/sbin:/bin', 'HOME=/root'],
  ...['LANG=C.UTF-8', 'DEBIAN_FRONTEND=noninteractive'],
] as const

/** A suite for test/support/in-package, each test beginning with what the one before it has left. */
export function describeMachine(title: string, define: () => void): void {
  if (INIT === undefined) {
    process.stderr.write(`\nSKIPPED: ${title}\nrun test/support/in-package bookworm as root\n\n`)
  }
  describe.skipIf(INIT === undefined)(title, { timeout: SLOW_TEST_MS }, define)
}

/** Runs shell commands as root on the machine, to the first that fails. */
export function onMachine(script: string, input = ''): Promise<ProgramResult> {
  const args = [...INTO_MACHINE, '/bin/sh', '-euc', script]
  return runProgram('nsenter', args, { input, timeoutMs: SLOW_TEST_MS })
}

/** Like `onMachine`: what was printed, without the last line break; throws where it failed. */
export async function doOnMachine(script: string, input = ''): Promise<string> {
  const { status, stdout, stderr } = await onMachine(script, input)
  if (status === 0) return stdout.replace(/\n$/, '')
  throw new Error(`${script}: status ${status}\n${stdout}${stderr}`)
}
