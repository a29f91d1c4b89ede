import type { PamLine } from './pam-line.ts'
import type { PamStep } from './pam-stack.ts'

/** What a module answers, as far as it matters here. */
export type ModuleAnswer = 'success' | 'failure'

/** How a stack ends, and the lines that were run on the way, in their order. */
export interface PamRun {
  readonly isGranted: boolean
  readonly ran: readonly PamLine[]
}

/** What the actions of pam.d(5) come to. */
type Action = 'ignore' | 'ok' | 'done' | 'bad' | 'die' | 'reset' | number

/** In its long form, as pam.d(5) has it. */
const KEYWORDS: Readonly<Record<string, string>> = {
  required: '[success=ok default=bad]',
  requisite: '[success=ok default=die]',
  sufficient: '[success=done default=ignore]',
  optional: '[success=ok default=ignore]',
}

/**
 * Nothing said yet; yes so far; no, whatever comes. `spoiled`: a failure was taken for `ok`, which is
 * a no that `done` still ends a stack by.
 */
type Impression = 'none' | 'positive' | 'spoiled' | 'negative'

/**
 * Runs a stack as libpam does (_pam_dispatch_aux), its modules answering as `answer` says. Nobody
 * having said anything is a no; so is a jump past the end.
 */
export function runPamStack(
  steps: readonly PamStep[],
  answer: (line: PamLine) => ModuleAnswer,
): PamRun {
  const ran: PamLine[] = []
  const impression = runSteps(steps, 'none', (line) => {
    ran.push(line)
    return answer(line)
  })
  return { isGranted: impression === 'positive', ran }
}

function runSteps(
  steps: readonly PamStep[],
  before: Impression,
  answer: (line: PamLine) => ModuleAnswer,
): Impression {
  let impression = before
  for (let at = 0; at < steps.length; at++) {
    const step = steps[at]
    if (step === undefined) break
    if (step.kind === 'substack') {
      impression = runSteps(step.steps, impression, answer)
      continue
    }
    const answered = step.kind === 'missing' ? 'failure' : answer(step.line)
    const action = step.kind === 'missing' ? 'bad' : actionFor(step.line, answered)
    if (typeof action === 'number') {
      if (at + action >= steps.length) return 'negative'
      at += action
      continue
    }
    impression = weigh({ now: impression, before }, action, answered)
    if (action === 'done' && (impression === 'positive' || impression === 'spoiled')) break
    if (action === 'die') break
  }
  return impression
}

function weigh(
  { now, before }: { readonly now: Impression; readonly before: Impression },
  action: Exclude<Action, number>,
  answered: ModuleAnswer,
): Impression {
  switch (action) {
    case 'ignore':
      return now
    case 'reset':
      return before
    case 'ok':
    case 'done':
      if (answered === 'failure') return now === 'negative' ? now : 'spoiled'
      return now === 'none' ? 'positive' : now
    case 'bad':
    case 'die':
      return 'negative'
  }
}

/** A value that is not named falls to `default`, and without one to `bad`, as an unknown word does. */
function actionFor({ control }: PamLine, answer: ModuleAnswer): Action {
  const text = KEYWORDS[control] ?? control
  const pairs = new Map(
    [...text.matchAll(/([a-z_]+)\s*=\s*([a-z]+|\d+)/g)].map(([, name = '', action = '']) => [
      name,
      action,
    ]),
  )
  // pam_exec answers system_err for every failure.
  const named = answer === 'success' ? pairs.get('success') : pairs.get('system_err')
  return toAction(named ?? pairs.get('default') ?? 'bad')
}

function toAction(word: string): Action {
  switch (word) {
    case 'ignore':
    case 'ok':
    case 'done':
    case 'bad':
    case 'die':
    case 'reset':
      return word
    default:
      return /^\d+$/.test(word) && word !== '0' ? Number(word) : 'bad'
  }
}
