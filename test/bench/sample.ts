/** Measurements of one thing, in one unit. */
export interface Sample {
  readonly name: string
  readonly unit: 'ms' | 'MiB'
  readonly rounds: number
  readonly p10: number
  readonly p50: number
  readonly p90: number
}

/** How two medians relate. `atMost`: what facts/PERFORMANCE wants; `undefined`: only for knowing. */
export interface Ratio {
  readonly name: string
  readonly value: number
  readonly atMost: number | undefined
}

/** How far medians lie apart that must not tell who was asked about. */
export interface Spread {
  readonly name: string
  readonly ms: number
  readonly below: number
  /** Every answer was the same, byte for byte. */
  readonly isSameBytes: boolean
}

export function summarize(name: string, unit: Sample['unit'], values: readonly number[]): Sample {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN
  return { name, unit, rounds: values.length, p10: at(0.1), p50: at(0.5), p90: at(0.9) }
}

export function relate(over: Sample, under: Sample, atMost?: number): Ratio {
  return { name: `${over.name} / ${under.name}`, value: over.p50 / under.p50, atMost }
}
