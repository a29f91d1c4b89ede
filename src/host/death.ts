const ENDS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Runs `act` when the process is told to end, which it then does, by that very signal; until the function
 * that is returned is called. What runs without a pause is not interrupted.
 */
export function beforeDeath(act: () => void): () => void {
  const stop = () => {
    for (const signal of ENDS) process.off(signal, end)
  }
  function end(signal: NodeJS.Signals): void {
    stop()
    try {
      act()
    } finally {
      process.kill(process.pid, signal)
    }
  }
  for (const signal of ENDS) process.on(signal, end)
  return stop
}
