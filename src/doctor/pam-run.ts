import { actionFor, type PamAction, type PamReturn } from './pam-control.ts'
import type { PamLine } from './pam-line.ts'
import type { PamStep } from './pam-stack.ts'

/**
 * Nothing said yet; yes; yes, but the password has to be changed; a failure that was taken for `ok`,
 * which is a no that `done` still ends a stack by; no, whatever comes.
 */
export type PamEnd = 'none' | 'positive' | 'expired' | 'spoiled' | 'negative'

/** An expired password is for the account stack a yes: sshd has it changed, and goes on. */
export const ACCOUNT_GRANTS: readonly PamEnd[] = ['positive', 'expired']

/** How a stack ends, and the lines that were run on the way, in their order. */
export interface PamRun {
  readonly end: PamEnd
  readonly ran: readonly PamLine[]
}

/** All that a line may answer; one answer where it is known. */
export type PamAnswers = (line: PamLine) => readonly PamReturn[]

/**
 * Every way in which a stack can end, each by one run, its modules answering as `answers` has it: as
 * libpam goes through it (_pam_dispatch_aux). Nobody having said anything is a no; so is a jump past
 * the end.
 */
export function explorePamStack(steps: readonly PamStep[], answers: PamAnswers): readonly PamRun[] {
  return runSteps(steps, { end: 'none', ran: [] }, answers)
}

/** Where a run goes on: behind so many steps, or nowhere in this stack. */
interface Move {
  readonly run: PamRun
  readonly skipped: number | 'all'
}

/** Two runs that stand alike at the same step go on alike: one of them is followed. */
function runSteps(
  steps: readonly PamStep[],
  start: PamRun,
  answers: PamAnswers,
): readonly PamRun[] {
  const arrivals = new Map<number, PamRun[]>([[0, [start]]])
  for (const [at, step] of steps.entries()) {
    for (const run of unlike(arrivals.get(at) ?? [])) {
      for (const { run: next, skipped } of movesOf(step, run, start.end, answers)) {
        const isTooFar = skipped !== 'all' && at + skipped >= steps.length
        const to = skipped === 'all' || isTooFar ? steps.length : at + skipped + 1
        const arrived: PamRun = isTooFar ? { ...next, end: 'negative' } : next
        arrivals.set(to, [...(arrivals.get(to) ?? []), arrived])
      }
    }
  }
  return unlike(arrivals.get(steps.length) ?? [])
}

function unlike(runs: readonly PamRun[]): readonly PamRun[] {
  return runs.filter(({ end }, index) => runs.findIndex((run) => run.end === end) === index)
}

function movesOf(step: PamStep, run: PamRun, before: PamEnd, answers: PamAnswers): readonly Move[] {
  switch (step.kind) {
    case 'substack':
      return runSteps(step.steps, run, answers).map((each) => ({ run: each, skipped: 0 }))
    case 'missing':
    case 'too-many':
      return [{ run: { ...run, end: 'negative' }, skipped: 0 }]
    case 'faulty':
      return [moveBy(step.line, 'perm_denied', run, before)]
    case 'module':
      return answers(step.line).map((answer) => moveBy(step.line, answer, run, before))
  }
}

function moveBy(line: PamLine, answer: PamReturn, run: PamRun, before: PamEnd): Move {
  const action = actionFor(line.control, answer)
  const ran = [...run.ran, line]
  if (typeof action === 'number') return { run: { end: run.end, ran }, skipped: action }
  const end = weigh({ now: run.end, before }, action, answer)
  const isDecided = action === 'die' || (action === 'done' && end !== 'none' && end !== 'negative')
  return { run: { end, ran }, skipped: isDecided ? 'all' : 0 }
}

function weigh(
  { now, before }: { readonly now: PamEnd; readonly before: PamEnd },
  action: Exclude<PamAction, number>,
  answer: PamReturn,
): PamEnd {
  switch (action) {
    case 'ignore':
      return now
    case 'reset':
      return before
    case 'ok':
    case 'done':
      return now === 'none' || now === 'positive' ? taken(answer) : now
    case 'bad':
    case 'die':
      return 'negative'
  }
}

/** What `ok` makes of an answer. */
function taken(answer: PamReturn): PamEnd {
  if (answer === 'success') return 'positive'
  return answer === 'new_authtok_reqd' ? 'expired' : 'spoiled'
}
