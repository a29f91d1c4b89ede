import type { Pause } from '../app/ports.ts'

/**
 * SQLite looks for a free lock at least every 100 ms (its busy handler): whoever waits gets it before
 * the next piece of a long work does.
 */
const PAUSE_MILLISECONDS = 120

/** As long as it takes that everybody who waits for the lock has had a look at it. */
export const pauseForWriters: Pause = () =>
  new Promise((resolve) => setTimeout(resolve, PAUSE_MILLISECONDS))
