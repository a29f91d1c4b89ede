import type { Journal, Upkeep } from '../../src/app/ports.ts'

/** A log without a row. */
export const IDLE_JOURNAL: Journal = {
  read: async () => [],
  verify: async () => ({ rows: 0, problem: undefined }),
  verifyEnd: async () => ({ rows: 0, problem: undefined }),
  findNewestAt: async () => undefined,
  findPrunable: async () => undefined,
  prune: async () => 0,
}

/** A store in which nothing is over. */
export const IDLE_UPKEEP: Upkeep = {
  removeExpired: async () => [],
  endDenialCounts: async () => ({ ended: 0, recorded: 0 }),
  checkpoint: async () => true,
  noteDone: async () => {},
  findDoneAt: async () => undefined,
}
