import type { Ratio, Sample, Spread, Storm } from './sample.ts'

/** What one part of the run has to say. */
export interface Measured {
  readonly samples: readonly Sample[]
  readonly ratios: readonly Ratio[]
  readonly spreads?: readonly Spread[]
  readonly storms?: readonly Storm[]
}
