import type { GoalName } from './goal.ts'

/** Measurements of one thing, in one unit. */
export interface Sample {
  readonly name: string
  readonly unit: 'ms' | 'MiB'
  readonly rounds: number
  readonly p10: number
  readonly p50: number
  readonly p90: number
  readonly p99: number
}

/** How two figures relate. `goal`: what it is measured for; `undefined`: only for knowing. */
export interface Ratio {
  readonly name: string
  readonly value: number
  readonly goal: GoalName | undefined
  /** How the processor time of a login relates in the same two, where it was measured. */
  readonly cpu?: number | undefined
}

/** How far medians lie apart that must not tell who was asked about. */
export interface Spread {
  readonly name: string
  readonly ms: number
  readonly below: number
  /** Every answer was the same, byte for byte. */
  readonly isSameBytes: boolean
}

/** Many right codes at the same time, each of another person. */
export interface Storm {
  readonly name: string
  readonly clients: number
  readonly logins: number
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly longestMs: number
  /** A login, everything included that works for it. */
  readonly cpuMs: number
  readonly denied: number
  /** In how many of all the direct verifier stood in for a daemon; `undefined`: there was none. */
  readonly fallbacks: number | undefined
}

export function summarize(name: string, unit: Sample['unit'], values: readonly number[]): Sample {
  const at = quantiles(values)
  const [p10, p50, p90, p99] = [at(0.1), at(0.5), at(0.9), at(0.99)]
  return { name, unit, rounds: values.length, p10, p50, p90, p99 }
}

/** The value below which that share of all others lies. */
export function quantiles(values: readonly number[]): (share: number) => number {
  const sorted = values.toSorted((a, b) => a - b)
  return (share) => sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN
}

export function relate(over: Sample, under: Sample, goal?: GoalName): Ratio {
  return { name: `${over.name} / ${under.name}`, value: over.p50 / under.p50, goal }
}
