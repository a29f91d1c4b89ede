import { CHECKS } from './check-table.ts'
import type { DoctorFacts } from './facts.ts'
import { type Finding, SEVERITIES, type Severity } from './finding.ts'

/** What a check comes to: the worst of what it found. */
export type Verdict = 'ok' | Severity | 'not-applicable'

/** One check and what it found. */
export interface CheckReport {
  readonly name: string
  readonly verdict: Verdict
  /** Why there was nothing to look at. */
  readonly because: string | undefined
  readonly findings: readonly Finding[]
}

/** Judges the facts by every check there is, in their order. */
export function examineHost(facts: DoctorFacts): readonly CheckReport[] {
  return CHECKS.map(({ name, judge }) => {
    const diagnosis = judge(facts)
    if (diagnosis.kind === 'not-applicable') {
      return { name, verdict: diagnosis.kind, because: diagnosis.because, findings: [] }
    }
    const { findings } = diagnosis
    return { name, verdict: worstOf(findings), because: undefined, findings }
  })
}

function worstOf(findings: readonly Finding[]): Verdict {
  const found = findings.map(({ severity }) => severity)
  return SEVERITIES.find((severity) => found.includes(severity)) ?? 'ok'
}
