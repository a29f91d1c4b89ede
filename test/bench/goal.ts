/** What one ratio shall come to. */
export interface Goal {
  readonly what: string
  readonly limit: 'at most' | 'at least'
  readonly value: number
}

/** Everything that is to be reached, in the order of the table. */
export const GOALS = {
  directTime: {
    what: 'direct verifier / empty Node script, p50',
    limit: 'at most',
    value: 1.6,
  },
  directMemory: {
    what: 'direct verifier / empty Node script, peak memory',
    limit: 'at most',
    value: 1.3,
  },
  daemonFloor: { what: 'daemon path / pam_exec floor, p50', limit: 'at most', value: 1.3 },
  daemonGoogle: {
    what: 'daemon path / google-authenticator in its safe setting, p50',
    limit: 'at most',
    value: 1.0,
  },
  daemonThroughput: {
    what: 'daemon throughput at 64 clients / google-authenticator',
    limit: 'at least',
    value: 1.2,
  },
  groupCommit: {
    what: 'p99 at 64 clients with an 8 ms disk, group commit / without',
    limit: 'at most',
    value: 0.1,
  },
  storeSize: {
    what: 'verification with 1,000,000 people / with 1,000, p50',
    limit: 'at most',
    value: 1.2,
  },
  wholeRecipe: {
    what: "whole recommended recipe with the daemon / google-authenticator's usual stack, p50",
    limit: 'at most',
    value: 2.0,
  },
  directDenied: {
    what: 'right codes denied at 256 concurrent logins, direct, 20 s',
    limit: 'at most',
    value: 0,
  },
  daemonDenied: {
    what: 'right codes denied at 256 concurrent logins, daemon, 5 s',
    limit: 'at most',
    value: 0,
  },
  enrolment: {
    what: 'enrolling a person with 10 recovery codes / 10 argon2 hashes on all cores, p50',
    limit: 'at most',
    value: 1.1,
  },
} as const satisfies Readonly<Record<string, Goal>>

export type GoalName = keyof typeof GOALS

export function isReached({ limit, value }: Goal, measured: number): boolean {
  return limit === 'at most' ? measured <= value : measured >= value
}
