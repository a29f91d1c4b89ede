import { addSeconds, DAY_SECONDS, HOUR_SECONDS, type UnixSeconds } from '../base/time.ts'

/** How far the admin's command has been told what the audit log says. */
export interface Telling {
  /** `seq` of the last row that is done with. */
  readonly through: number
  /** The next one, where it could not be told so far. */
  readonly failing?: Failing
  /** Rows that were given up, ever. */
  readonly givenUp: number
}

/** A row that the command did not take. */
export interface Failing {
  readonly seq: number
  readonly tries: number
  /** Of the first try. */
  readonly since: UnixSeconds
  readonly retryAt: UnixSeconds
}

const FIRST_WAIT_SECONDS = 15
const LONGEST_WAIT_SECONDS = HOUR_SECONDS
/** The longest that one row may hold up those behind it. */
const PATIENCE_SECONDS = DAY_SECONDS
/** A clock that is put forward by a day is not patience: so many tries there have to be as well. */
const LEAST_TRIES = 10

/** Whether the row may be tried now; a time that no wait reaches is from a clock that was ahead. */
export function isDue({ failing }: Telling, seq: number, now: UnixSeconds): boolean {
  if (failing?.seq !== seq) return true
  return now >= failing.retryAt || failing.retryAt > addSeconds(now, LONGEST_WAIT_SECONDS)
}

/** After the command has taken the row. */
export function succeed({ givenUp }: Telling, seq: number): Telling {
  return { through: seq, givenUp }
}

/** After it has not: the next wait is twice as long, and after a day the row is given up. */
export function fail(telling: Telling, seq: number, now: UnixSeconds): Telling {
  const before = telling.failing?.seq === seq ? telling.failing : undefined
  const tries = (before?.tries ?? 0) + 1
  const since = before === undefined || before.since > now ? now : before.since
  if (tries >= LEAST_TRIES && now - since >= PATIENCE_SECONDS) {
    return { through: seq, givenUp: telling.givenUp + 1 }
  }
  const wait = Math.min(FIRST_WAIT_SECONDS * 2 ** (tries - 1), LONGEST_WAIT_SECONDS)
  return { ...telling, failing: { seq, tries, since, retryAt: addSeconds(now, wait) } }
}
