import type { Journal, Pause, PruneOrder } from './ports.ts'

/** Rows in one transaction: a login waits for some hundredths of a second, not for all of the log. */
const ROWS_AT_ONCE = 1000

/**
 * Prunes the log a piece at a time; how many rows went. Ended in the middle, it leaves a sound log and
 * less to do. Throws as `Journal.prune`.
 */
export async function pruneAudit(
  { journal, pause }: { readonly journal: Pick<Journal, 'prune'>; readonly pause: Pause },
  order: PruneOrder,
): Promise<number> {
  let pruned = 0
  for (;;) {
    const rows = await journal.prune(order, ROWS_AT_ONCE)
    pruned += rows
    if (rows < ROWS_AT_ONCE) return pruned
    await pause()
  }
}
