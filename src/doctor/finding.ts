import type { DoctorFacts } from './facts.ts'

/** From the worst on. */
export const SEVERITIES = ['problem', 'warning', 'note'] as const

export type Severity = (typeof SEVERITIES)[number]

/** One thing that is wrong. All three are lines for people; names in them come from outside. */
export interface Finding {
  /** A problem keeps people out or lets them in; a warning may do so one day; a note is worth knowing. */
  readonly severity: Severity
  readonly what: string
  readonly why: string
  /** What to type. */
  readonly fix: string
}

/** What one check makes of a host: findings, or why there is nothing to look at. */
export type Diagnosis =
  | { readonly kind: 'examined'; readonly findings: readonly Finding[] }
  | { readonly kind: 'not-applicable'; readonly because: string }

/** A check: pure, everything it looks at is in the facts. */
export interface Check {
  /** Public, in lower case: what people and `--json` see. */
  readonly name: string
  readonly judge: (facts: DoctorFacts) => Diagnosis
}

/** A diagnosis with these findings; none is good. */
export function examined(...findings: readonly Finding[]): Diagnosis {
  return { kind: 'examined', findings }
}

/** There is nothing to look at. */
export function notApplicable(because: string): Diagnosis {
  return { kind: 'not-applicable', because }
}
