import type { Journal } from '../../app/ports.ts'

/**
 * `seq` of the newest row of the audit log; 0: it is empty. In steps that grow, and then halve: a log may
 * have millions of rows. Throws ERR_STORE_*.
 */
export async function findNewestSeq(journal: Pick<Journal, 'read'>): Promise<number> {
  const hasRowAfter = async (seq: number) => (await journal.read({}, seq, 1)).length > 0
  let low = 0
  if (!(await hasRowAfter(low))) return 0
  let high = 1
  while (await hasRowAfter(high)) {
    low = high
    high *= 2
  }
  // There is a row after `low`, and none after `high`.
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (await hasRowAfter(middle)) low = middle
    else high = middle
  }
  return high
}
