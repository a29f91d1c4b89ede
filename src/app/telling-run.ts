import type { UnixSeconds } from '../base/time.ts'
import type { Notice, NotifyEvent } from '../domain/notify-event.ts'
import {
  type Matter,
  nextRetryAt,
  type Setback,
  type Telling,
  waitingOf,
} from '../domain/telling.ts'
import type { Now, Outbox } from './ports.ts'

/** What became of a notice. `why`: one line of what went wrong. */
export type Told =
  | { readonly outcome: 'told' }
  | { readonly outcome: 'failed'; readonly why: string }

export interface TellPorts {
  readonly outbox: Outbox
  /** Runs the admin's command. */
  readonly tell: (notice: Notice) => Promise<Told>
  readonly now: Now
  /** Asked before each notice. */
  readonly isStopping: () => boolean
}

export interface TellInput {
  readonly events: readonly NotifyEvent[]
  /** Tries again what has failed, however long its wait still is. */
  readonly isUrgent: boolean
}

/** A row that was not told. `retryAt`: `undefined` where it is given up. */
export interface Untold {
  readonly seq: number
  readonly why: string
  readonly retryAt: UnixSeconds | undefined
}

/** What one run came to. */
export interface TellingRun {
  readonly told: number
  readonly untold: readonly Untold[]
  /** When there is something to try again; `undefined`: nothing waits, or it was told to stop. */
  readonly retryAt: UnixSeconds | undefined
}

/** How far a run has come. */
export interface Progress {
  readonly telling: Telling
  readonly told: number
  readonly untold: readonly Untold[]
}

/** One more was told. */
export function count(progress: Progress): Progress {
  return { ...progress, told: progress.told + 1 }
}

/** One was not, and what came of that. */
export function blame(before: Progress, { seq }: Matter, why: string, setback: Setback): Progress {
  const { telling, lost } = setback
  const found = waitingOf(telling).find((waiting) => waiting.seq === seq)
  const isGivenUp = lost !== undefined && lost.seq === seq
  const retryAt = isGivenUp ? undefined : (found?.retryAt ?? nextRetryAt(telling))
  const untold = [...before.untold, { seq, why, retryAt }]
  const isOther = lost !== undefined && lost.seq !== seq
  const gaveWay = { why: 'did not take it, and too many others wait', retryAt: undefined }
  return {
    telling,
    told: before.told,
    untold: isOther ? [...untold, { seq: lost.seq, ...gaveWay }] : untold,
  }
}
