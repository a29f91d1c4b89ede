import type { SideBySidePlan } from './part/side-by-side.ts'

/** How much of everything one run measures. */
export interface Plan extends SideBySidePlan {
  readonly verifierRounds: number
  readonly slowRounds: number
  readonly slowPasses: number
  readonly groupLogins: number
  readonly sshRounds: number
  readonly enrolments: number
  readonly storeRounds: number
  readonly samenessRounds: number
  readonly sizes: readonly number[]
}

/** About twelve minutes. */
export const WHOLE: Plan = {
  verifierRounds: 100,
  callRounds: 200,
  stackRounds: 120,
  stormPasses: 3,
  slowRounds: 30,
  slowPasses: 1,
  groupLogins: 3200,
  sshRounds: 25,
  enrolments: 12,
  storeRounds: 600,
  samenessRounds: 120,
  sizes: [1000, 100_000, 1_000_000],
}

/** Three to four minutes, and no million of people. */
export const QUICK: Plan = {
  verifierRounds: 15,
  callRounds: 20,
  stackRounds: 12,
  stormPasses: 1,
  slowRounds: 6,
  slowPasses: 1,
  groupLogins: 1280,
  sshRounds: 4,
  enrolments: 3,
  storeRounds: 200,
  samenessRounds: 10,
  sizes: [1000, 100_000],
}
