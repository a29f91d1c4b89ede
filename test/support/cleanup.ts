interface Step {
  readonly what: string
  readonly undo: () => void
}

/** What has to be undone on the machine, newest first. */
export interface Cleanup {
  /** `undo` is synchronous: it must also work while the process is on its way out. */
  add(what: string, undo: () => void): void
  /** Undoes everything once, the rest also where one step fails. Throws AggregateError at the end. */
  run(): void
}

const ENDING_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** A cleanup that also runs when the process exits or is told to end (not on SIGKILL: see sweep). */
export function createCleanup(): Cleanup {
  const steps: Step[] = []
  const onExit = () => reportFailures(undoAll(steps))
  const onSignal = (signal: NodeJS.Signals) => {
    onExit()
    ignoreEndings()
    // Somebody else who listens decides about the end; alone, the signal does what it would have done.
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal)
  }
  const ignoreEndings = () => {
    process.removeListener('exit', onExit)
    for (const signal of ENDING_SIGNALS) process.removeListener(signal, onSignal)
  }
  process.on('exit', onExit)
  for (const signal of ENDING_SIGNALS) process.on(signal, onSignal)
  return {
    add: (what, undo) => {
      steps.push({ what, undo })
    },
    run: () => {
      const failures = undoAll(steps)
      ignoreEndings()
      if (failures.length > 0) throw new AggregateError(failures, 'could not undo everything')
    },
  }
}

function undoAll(steps: Step[]): Error[] {
  const failures: Error[] = []
  for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
    try {
      step.undo()
    } catch (cause) {
      failures.push(new Error(`could not undo: ${step.what}`, { cause }))
    }
  }
  return failures
}

function reportFailures(failures: readonly Error[]): void {
  for (const failure of failures) process.stderr.write(`${failure.message}: ${failure.cause}\n`)
}
