const SIGNALS = ['SIGTERM', 'SIGINT'] as const

/** Whether this process was asked to end. */
export interface StopSignal {
  isStopping(): boolean
  /** Ends early when the signal comes. */
  sleep(milliseconds: number): Promise<void>
}

/** The first signal asks, so that what is begun is finished; a second one ends the process at once. */
export function listenForStop(): StopSignal {
  const { promise, resolve } = Promise.withResolvers<void>()
  let isStopping = false
  const stop = (): void => {
    isStopping = true
    for (const signal of SIGNALS) process.off(signal, stop)
    resolve()
  }
  for (const signal of SIGNALS) process.on(signal, stop)
  return {
    isStopping: () => isStopping,
    async sleep(milliseconds) {
      let timer: NodeJS.Timeout | undefined
      const passed = new Promise<void>((wake) => {
        timer = setTimeout(wake, milliseconds)
      })
      await Promise.race([passed, promise])
      clearTimeout(timer)
    },
  }
}
