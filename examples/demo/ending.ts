import { readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { createCleanup } from '../../test/support/cleanup.ts'
import { endProcessTree, findProcess } from '../../test/support/process-tree.ts'

/** Ctrl-C, kill, a closed terminal, Ctrl-\. What SIGKILL leaves, the next run sweeps up. */
const ENDING_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const

/** Exit status of a run that was ended by this signal, as a shell counts it. */
export function statusOfSignal(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal]
}

/**
 * Makes every end of this process an orderly one. To be called before anything else arranges its
 * cleanup: those run in turn, and the programs we started must end before their files go.
 */
export function arrangeEnding(): void {
  const cleanup = createCleanup()
  cleanup.add('programs that still run', endChildren)
  cleanup.add('the terminal', () => {
    // A prompt has it in raw mode, and a signal gives it no chance to put that back.
    if (process.stdin.isRaw) process.stdin.setRawMode(false)
  })
  for (const signal of ENDING_SIGNALS) {
    process.prependListener(signal, () => {
      process.stderr.write('\nStopped. What was made for the demo is removed again.\n')
      process.exit(statusOfSignal(signal))
    })
  }
  // Nobody reads any more: `npm run demo | head`, or the terminal is gone.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => process.exit(1))
}

/** Programs run in sessions of their own (run-program), so that Ctrl-C does not reach them. */
function endChildren(): void {
  for (const pid of readChildren()) {
    const child = findProcess(pid)
    if (child !== undefined) endProcessTree(child)
  }
}

/** proc(5): there only where the kernel was built with CONFIG_PROC_CHILDREN, as distributions' are. */
function readChildren(): number[] {
  try {
    const text = readFileSync(`/proc/self/task/${process.pid}/children`, 'latin1')
    return text.trim().split(' ').filter(Boolean).map(Number)
  } catch {
    return []
  }
}
