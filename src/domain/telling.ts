import { addSeconds, DAY_SECONDS, HOUR_SECONDS, type UnixSeconds } from '../base/time.ts'

/** How far the admin's command has been told what the audit log says. */
export interface Telling {
  /** `seq` of the last row that is done with, or waits. */
  readonly through: number
  /** What the command did not take so far, in the order of its first try; absent: nothing. */
  readonly waiting?: readonly Waiting[]
  /** Rows that were given up, ever. */
  readonly givenUp: number
}

/** What is told: a row, rows that are missing, or a log that ends before what was told. */
export interface Matter {
  readonly kind: 'event' | 'gap' | 'cut'
  /** Of the row, or the last one of a gap, or of the log. */
  readonly seq: number
  /** Of the first row of a gap; the row that was told last of a log that was cut. */
  readonly from: number
}

/** A matter that the command did not take. Others pass it meanwhile: one must not hold up all. */
export interface Waiting extends Matter {
  readonly tries: number
  /** Of the first try. */
  readonly since: UnixSeconds
  readonly retryAt: UnixSeconds
  /** Something else was taken since: then it is not the command that fails, but this. */
  readonly isPassed: boolean
}

/** What came of a failure. `lost`: what was given up by it. */
export interface Setback {
  readonly telling: Telling
  readonly lost: Waiting | undefined
}

const FIRST_WAIT_SECONDS = 15
const LONGEST_WAIT_SECONDS = HOUR_SECONDS
/** How long one is tried again before it is given up. */
const PATIENCE_SECONDS = DAY_SECONDS
/** A clock that is put forward by a day is not patience: so many tries there have to be as well. */
const LEAST_TRIES = 10
/** So many may wait: they are written anew with each of them. */
export const MOST_WAITING = 100

/** What waits. */
export function waitingOf({ waiting }: Telling): readonly Waiting[] {
  return waiting ?? []
}

/** What may be tried now, longest due first; a time that no wait reaches is from a clock that was ahead. */
export function findDue(telling: Telling, now: UnixSeconds, isUrgent: boolean): readonly Waiting[] {
  const latest = addSeconds(now, LONGEST_WAIT_SECONDS)
  return waitingOf(telling)
    .filter(({ retryAt }) => isUrgent || now >= retryAt || retryAt > latest)
    .toSorted((a, b) => a.retryAt - b.retryAt)
}

/** When the next one is due; `undefined`: nothing waits. */
export function nextRetryAt(telling: Telling): UnixSeconds | undefined {
  return waitingOf(telling)
    .map(({ retryAt }) => retryAt)
    .toSorted((a, b) => a - b)[0]
}

/** Whether one more would have to push out one that waits. */
export function isFull(telling: Telling): boolean {
  return waitingOf(telling).length >= MOST_WAITING
}

/** Nobody is to be told of what is up to this row. */
export function passOver(telling: Telling, seq: number): Telling {
  return { ...telling, through: seq }
}

/** After the command has taken what is next. */
export function succeed(telling: Telling, seq: number): Telling {
  return passOver(markPassed(telling), seq)
}

/** After it has taken one that waited. */
export function settle(telling: Telling, told: Matter): Telling {
  return markPassed(drop(telling, told))
}

/** One that waited is not to be told any more. */
export function drop(telling: Telling, gone: Matter): Telling {
  return withWaiting(
    telling,
    waitingOf(telling).filter((waiting) => !isSame(waiting, gone)),
  )
}

/** Of a log that ends at row `last`: rows that waited behind it are no more. */
export function forgetBehind(telling: Telling, last: number): Telling {
  return withWaiting(
    telling,
    waitingOf(telling).filter(({ seq }) => seq <= last),
  )
}

/**
 * After it has not taken what is next, which waits from here on. Where too many do, the oldest that was
 * passed gives way; `undefined` where none was: then nothing passes, for it is the command that fails.
 */
export function putOff(telling: Telling, matter: Matter, now: UnixSeconds): Setback | undefined {
  const lost = isFull(telling) ? waitingOf(telling).find(({ isPassed }) => isPassed) : undefined
  if (isFull(telling) && lost === undefined) return undefined
  const left = lost === undefined ? telling : giveUp(telling, lost)
  const added = { ...matter, tries: 1, since: now, retryAt: waitFrom(now, 1), isPassed: false }
  const waiting = [...waitingOf(left), added]
  return { telling: passOver(withWaiting(left, waiting), matter.seq), lost }
}

/**
 * After it has not taken one that waited: the next wait is twice as long. After a day it is given up,
 * unless nothing else was taken in that time, and there is room for those behind it.
 */
export function failAgain(telling: Telling, matter: Matter, now: UnixSeconds): Setback {
  const failed = waitingOf(telling).find((waiting) => isSame(waiting, matter))
  if (failed === undefined) return { telling, lost: undefined }
  const tries = failed.tries + 1
  const since = failed.since > now ? now : failed.since
  const isOld = tries >= LEAST_TRIES && now - since >= PATIENCE_SECONDS
  if (isOld && (failed.isPassed || isFull(telling))) {
    return { telling: giveUp(telling, failed), lost: failed }
  }
  const next = { ...failed, tries, since, retryAt: waitFrom(now, tries) }
  const waiting = waitingOf(telling).map((one) => (isSame(one, failed) ? next : one))
  return { telling: withWaiting(telling, waiting), lost: undefined }
}

function giveUp(telling: Telling, lost: Matter): Telling {
  return { ...drop(telling, lost), givenUp: telling.givenUp + 1 }
}

/** A log that was cut and a row may share a number. */
function isSame(a: Matter, b: Matter): boolean {
  return a.kind === b.kind && a.seq === b.seq
}

function markPassed(telling: Telling): Telling {
  return withWaiting(
    telling,
    waitingOf(telling).map((one) => ({ ...one, isPassed: true })),
  )
}

function withWaiting({ through, givenUp }: Telling, waiting: readonly Waiting[]): Telling {
  return waiting.length === 0 ? { through, givenUp } : { through, waiting, givenUp }
}

function waitFrom(now: UnixSeconds, tries: number): UnixSeconds {
  const wait = Math.min(FIRST_WAIT_SECONDS * 2 ** (tries - 1), LONGEST_WAIT_SECONDS)
  return addSeconds(now, wait)
}
