import { arch, cpus, loadavg, release } from 'node:os'
import type { Measured } from './bench-part.ts'
import { GOALS, type Goal, isReached } from './goal.ts'
import type { PartName } from './part-name.ts'
import type { Ratio, Spread, Storm } from './sample.ts'

/** What was to be reached, and what came of it. */
export interface Verdict extends Goal {
  /** What exactly was measured; `undefined`: nothing, in this run. */
  readonly name: string | undefined
  readonly measured: number | undefined
  /** The same ratio of processor time, where that was measured: others on the machine hardly move it. */
  readonly cpu: number | undefined
  readonly verdict: 'reached' | 'MISSED' | 'not measured'
}

/** Everything one run has measured, with what it was measured on. */
export interface BenchReport extends Measured {
  readonly at: string
  readonly node: string
  readonly machine: string
  readonly quick: boolean
  /** Of the minute before the run: where it is not near 0, others have had a part in the figures. */
  readonly loadBefore: number
  /** Parts that this run was told not to measure. */
  readonly leftOut: readonly PartName[]
  readonly verdicts: readonly Verdict[]
  readonly spreads: readonly Spread[]
  readonly storms: readonly Storm[]
}

/** What was the case when the run began. */
export type RunFacts = Pick<
  BenchReport,
  'at' | 'node' | 'machine' | 'quick' | 'loadBefore' | 'leftOut'
>

/** Has to be asked for before anything is measured. */
export function gatherRunFacts(quick: boolean, leftOut: readonly PartName[]): RunFacts {
  return {
    at: new Date().toISOString(),
    node: process.version,
    machine: `${cpus().length} x ${cpus()[0]?.model ?? arch()}, Linux ${release()}`,
    quick,
    loadBefore: loadavg()[0] ?? Number.NaN,
    leftOut,
  }
}

export function createReport(facts: RunFacts, parts: readonly Measured[]): BenchReport {
  const ratios = parts.flatMap((part) => part.ratios)
  return {
    ...facts,
    verdicts: Object.entries(GOALS).flatMap(([name, goal]) =>
      judge(
        goal,
        ratios.filter((ratio) => ratio.goal === name),
      ),
    ),
    samples: parts.flatMap((part) => part.samples),
    ratios,
    spreads: parts.flatMap((part) => part.spreads ?? []),
    storms: parts.flatMap((part) => part.storms ?? []),
  }
}

function judge(goal: Goal, ratios: readonly Ratio[]): readonly Verdict[] {
  if (ratios.length === 0) {
    const nothing = { name: undefined, measured: undefined, cpu: undefined }
    return [{ ...goal, ...nothing, verdict: 'not measured' }]
  }
  return ratios.map(({ name, value, cpu }) => {
    const verdict = isReached(goal, value) ? 'reached' : 'MISSED'
    return { ...goal, name, measured: value, cpu, verdict }
  })
}
