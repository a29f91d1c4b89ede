import { toPrintable } from '../base/text.ts'
import type { CheckReport } from '../doctor/examine.ts'
import type { ExaminedLogin } from '../doctor/facts.ts'
import type { Finding, Severity } from '../doctor/finding.ts'
import { wrapWords } from '../render/wrap.ts'
import type { Cli } from './context.ts'

const LONGEST_LINE = 500
const INDENT = ' '.repeat(11)
const WORDS: Readonly<Record<CheckReport['verdict'], string>> = {
  ok: 'ok',
  warning: 'warning',
  problem: 'PROBLEM',
  note: 'note',
  'not-applicable': '-',
}

/** One check for people: broken at blanks where a terminal is too narrow, whole in a pipe. */
export function printCheck(cli: Cli, { name, verdict, because, findings }: CheckReport): void {
  const { isTerminal, columns } = cli.terminal
  const width = isTerminal ? columns - INDENT.length : LONGEST_LINE
  const remark = because === undefined ? '' : ` (${because})`
  cli.print(`${WORDS[verdict].padEnd(9)}${name}${remark}\n`)
  for (const line of findings.flatMap((finding) => linesOf(finding, width))) {
    cli.print(`${INDENT}${line}\n`)
  }
}

function linesOf({ what, why, fix }: Finding, width: number): readonly string[] {
  const shown = [what, `why: ${why}`].map((line) => toPrintable(line, LONGEST_LINE))
  const typed = toPrintable(`type: ${fix}`, LONGEST_LINE)
  return [...shown.flatMap((line) => wrapWords(line, width)), ...breakCommand(typed, width)]
}

/** Only before a remark: each line can be typed as it stands. */
function breakCommand(line: string, width: number): readonly string[] {
  const at = line.indexOf('  # ')
  if (line.length <= width || at < 0) return [line]
  const remark = wrapWords(line.slice(at + 4), width - 2).map((each) => `# ${each}`)
  return [line.slice(0, at), ...remark]
}

/** How many findings there are of one kind. */
export function countFindings(reports: readonly CheckReport[], severity: Severity): number {
  const findings = reports.flatMap((report) => report.findings)
  return findings.filter((finding) => finding.severity === severity).length
}

/** What `--json` prints: public, fields are added and never renamed. */
export function toDoctorView(
  { user, address, service }: ExaminedLogin,
  reports: readonly CheckReport[],
) {
  return {
    user,
    from: address,
    service,
    problems: countFindings(reports, 'problem'),
    warnings: countFindings(reports, 'warning'),
    notes: countFindings(reports, 'note'),
    checks: reports.map(({ name, verdict, because, findings }) => ({
      check: name,
      verdict,
      because: because ?? null,
      findings,
    })),
  }
}
