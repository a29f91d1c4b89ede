import type { BenchReport, Verdict } from './report.ts'
import type { Ratio, Sample, Spread, Storm } from './sample.ts'

/** Tables: what was to be reached, as Markdown, and below it what was measured, with its noise. */
export function renderReport(report: BenchReport): string {
  const { verdicts, samples, ratios, spreads, storms } = report
  return [
    renderFacts(report),
    ...['', ...renderVerdicts(verdicts)],
    ...['', row('ratio of medians, where nothing else is said', ['is'])],
    ...ratios.map(renderRatio),
    ...['', row('one after the other', ['p50', 'p10', 'p90', 'p99', 'rounds'])],
    ...samples.map(renderSample),
    ...[
      '',
      row('at the same time', [
        'clients',
        '1/s',
        'p50 ms',
        'p99 ms',
        'longest',
        'CPU ms',
        'denied',
        'fallbacks',
      ]),
    ],
    ...storms.map(renderStorm),
    ...['', row('spread of medians (ms)', ['is', 'below', ''])],
    ...spreads.map(renderSpread),
    '',
  ].join('\n')
}

function renderFacts({ node, machine, quick, loadBefore, leftOut }: BenchReport): string {
  return [
    `Node ${node}, ${machine}. Load before the run: ${loadBefore.toFixed(1)}.`,
    'Only ratios carry over to another machine.',
    ...(quick ? ['A quick run: too few rounds to believe the tails.'] : []),
    ...(leftOut.length > 0 ? [`Left out: ${leftOut.join(', ')}.`] : []),
  ].join(' ')
}

/** The last column is there to tell a busy machine from a slow program. */
function renderVerdicts(verdicts: readonly Verdict[]): readonly string[] {
  const cells = verdicts.map(({ what, limit, value, measured, verdict, cpu }) => {
    const cpuOfMissed = verdict === 'MISSED' ? cpu?.toFixed(2) : undefined
    return [what, `${limit} ${value}`, measured?.toFixed(2) ?? '', verdict, cpuOfMissed ?? '']
  })
  const lines = [['to reach', 'limit', 'is', '', 'CPU'], ...cells]
  const widths = lines[0]?.map((_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  )
  const render = (line: readonly string[]) =>
    `| ${line.map((cell, column) => cell.padEnd(widths?.[column] ?? 0)).join(' | ')} |`
  const [head = [], ...body] = lines
  return [render(head), '|---|---|---|---|---|', ...body.map(render)]
}

function renderRatio({ name, value }: Ratio): string {
  return row(name, [value.toFixed(2)])
}

function renderSample({ name, unit, rounds, p10, p50, p90, p99 }: Sample): string {
  const numbers = [p50, p10, p90, p99].map((value) => value.toFixed(2))
  return row(`${name} (${unit})`, [...numbers, String(rounds)])
}

function renderStorm({ name, clients, logins, denied, fallbacks, ...storm }: Storm): string {
  const times = [storm.perSecond, storm.p50Ms, storm.p99Ms, storm.longestMs, storm.cpuMs]
  const cells = times.map((value) => value.toFixed(1))
  return row(name, [String(clients), ...cells, `${denied}/${logins}`, String(fallbacks ?? '')])
}

function renderSpread({ name, ms, below, isSameBytes }: Spread): string {
  const verdict = ms < below ? 'reached' : 'MISSED'
  const bytes = isSameBytes ? 'same bytes' : 'OTHER BYTES'
  return `${row(name, [ms.toFixed(2), below.toFixed(2), verdict])}, ${bytes}`
}

const NAME_WIDTH = 84
const CELL_WIDTH = 10

function row(name: string, cells: readonly string[]): string {
  return (
    name.padEnd(NAME_WIDTH) + cells.map((cell) => cell.padStart(CELL_WIDTH)).join('')
  ).trimEnd()
}
