import { AppError } from '../base/errors.ts'
import type { Judge } from './judge.ts'
import type { ServerCounts } from './server.ts'

/** How we are, in one line for `systemctl status`. */
export interface Health {
  /** What is wrong comes before what was done. */
  status(): string
  /** Why a new configuration was not taken; `undefined`: the last one was. */
  noteRefusal(error: unknown): void
}

/** What an error is called in the journal. Of one that is not ours, only its kind: nobody knows what its message holds. */
export function describeError(error: unknown): { readonly reason: string; readonly cause: string } {
  if (error instanceof AppError) return { reason: error.code, cause: error.message }
  return { reason: 'ERR_INTERNAL', cause: error instanceof Error ? error.name : typeof error }
}

/** Asks the judge each time: a key or a database may go, and come back, while we run. */
export function createHealth(judge: Pick<Judge, 'trouble'>, counts: () => ServerCounts): Health {
  let refusal: unknown
  return {
    status() {
      const trouble = judge.trouble()
      const wrong = [
        ...(trouble === undefined ? [] : [`cannot judge: ${describeError(trouble).cause}`]),
        ...(refusal === undefined ? [] : [`old configuration: ${describeError(refusal).cause}`]),
      ]
      return [...wrong, renderCounts(counts())].join('; ')
    },
    noteRefusal(error) {
      refusal = error
    },
  }
}

function renderCounts({ answered, open, turnedAway, ...others }: ServerCounts): string {
  const unanswered = Object.values(others).reduce((sum, count) => sum + count, turnedAway)
  return `${answered} answered, ${unanswered} not, ${open} open`
}
