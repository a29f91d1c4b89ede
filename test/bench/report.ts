import { arch, cpus } from 'node:os'
import type { Measured } from './bench-part.ts'
import type { Ratio, Sample, Spread } from './sample.ts'

/** Everything one run has measured, with what it was measured on. */
export interface BenchReport extends Measured {
  readonly at: string
  readonly node: string
  readonly machine: string
  readonly quick: boolean
  readonly spreads: readonly Spread[]
}

export function createReport(parts: readonly Measured[], at: Date, quick: boolean): BenchReport {
  return {
    at: at.toISOString(),
    node: process.version,
    machine: `${cpus().length} x ${cpus()[0]?.model ?? arch()}`,
    quick,
    samples: parts.flatMap((part) => part.samples),
    ratios: parts.flatMap((part) => part.ratios),
    spreads: parts.flatMap((part) => part.spreads ?? []),
  }
}

/** Tables: the medians with their noise, and what they are to each other. */
export function renderReport({ node, machine, samples, ratios, spreads }: BenchReport): string {
  return [
    `Node ${node}, ${machine}. Only ratios carry over to another machine.`,
    ...['', row('', ['p50', 'p10', 'p90', 'rounds'])],
    ...samples.map(renderSample),
    ...['', row('ratio of medians', ['is', 'at most', ''])],
    ...ratios.map(renderRatio),
    ...['', row('spread of medians (ms)', ['is', 'below', ''])],
    ...spreads.map(renderSpread),
    '',
  ].join('\n')
}

function renderSample({ name, unit, rounds, p10, p50, p90 }: Sample): string {
  const numbers = [p50, p10, p90].map((value) => value.toFixed(2))
  return row(`${name} (${unit})`, [...numbers, String(rounds)])
}

function renderRatio({ name, value, atMost }: Ratio): string {
  if (atMost === undefined) return row(name, [value.toFixed(2)])
  const verdict = value <= atMost ? 'reached' : 'MISSED'
  return row(name, [value.toFixed(2), atMost.toFixed(2), verdict])
}

function renderSpread({ name, ms, below, isSameBytes }: Spread): string {
  const verdict = ms < below ? 'reached' : 'MISSED'
  const bytes = isSameBytes ? 'same bytes' : 'OTHER BYTES'
  return `${row(name, [ms.toFixed(2), below.toFixed(2), verdict])}, ${bytes}`
}

const NAME_WIDTH = 68
const CELL_WIDTH = 9

function row(name: string, cells: readonly string[]): string {
  return (
    name.padEnd(NAME_WIDTH) + cells.map((cell) => cell.padStart(CELL_WIDTH)).join('')
  ).trimEnd()
}
