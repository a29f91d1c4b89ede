import { AppError } from '../base/errors.ts'
import { DAY_SECONDS } from '../base/time.ts'
import type { Notice } from '../domain/notify-event.ts'
import {
  drop,
  failAgain,
  findDue,
  forgetBehind,
  isFull,
  nextRetryAt,
  passOver,
  putOff,
  settle,
  succeed,
  type Telling,
  type Waiting,
} from '../domain/telling.ts'
import type { Outbox } from './ports.ts'
import { findNotice, type Place, readNotices, toMatter } from './read-notices.ts'
import {
  blame,
  count,
  type Progress,
  type TellInput,
  type TellingRun,
  type TellPorts,
  type Told,
} from './telling-run.ts'

/** Rows that nobody wants to hear of, since the last one that was told. */
interface Passed {
  readonly first: Place
  readonly last: Place
  readonly rows: number
}

/** So many rows that nobody wants to hear of are passed over before that is worth a write. */
const PASSED_OVER = 100
/** After so many failures a run looks at the rest another time: each one may take its whole time limit. */
const MOST_FAILURES = 3

/**
 * Tells what stands in the log behind the last row told, in its order; what was not taken before is tried
 * first, where its wait is over, and holds nothing up. A row is done with when the command has taken it,
 * and that is saved: killed in between, it is told again. Where nothing was ever told, what stands there
 * by now is not told either. Throws ERR_STORE_*.
 */
export async function tellEvents(ports: TellPorts, input: TellInput): Promise<TellingRun> {
  const { outbox } = ports
  const telling = await outbox.read()
  if (telling === 'damaged') throw damagedNote()
  if (telling === undefined) {
    await beginFromNow(outbox)
    return { told: 0, untold: [], retryAt: undefined }
  }
  const known = forgetBehind(telling, await outbox.findLastSeq())
  const due = findDue(known, ports.now(), input.isUrgent)
  const begun = await tellAgain({ telling: known, told: 0, untold: [] }, due, ports, input)
  // Each of those behind would be tried at each login otherwise, where nothing is taken at all.
  const isStuck = isFull(begun.telling) && due.length === 0
  const end = isStuck ? begun : await tellNew(begun, ports, input)
  const { told, untold } = end
  return { told, untold, retryAt: ports.isStopping() ? undefined : nextRetryAt(end.telling) }
}

/** Nothing of what stands in the log by now will be told; returns the last row of it. */
export async function beginFromNow(outbox: Outbox): Promise<number> {
  const through = await outbox.findLastSeq()
  await outbox.save({ through, givenUp: 0 })
  return through
}

async function tellAgain(
  start: Progress,
  due: readonly Waiting[],
  ports: TellPorts,
  { events }: TellInput,
): Promise<Progress> {
  const { outbox, now, isStopping } = ports
  let progress = start
  let failures = 0
  for (const matter of due) {
    if (failures >= MOST_FAILURES || isStopping()) break
    const notice = await findNotice(outbox, matter, events)
    const result = notice === undefined ? 'unwanted' : await tellIfNotable(progress, notice, ports)
    if (result === 'unwanted') {
      progress = { ...progress, telling: drop(progress.telling, matter) }
    } else if (result.outcome === 'told') {
      progress = count({ ...progress, telling: settle(progress.telling, matter) })
    } else {
      failures++
      progress = blame(progress, matter, result.why, failAgain(progress.telling, matter, now()))
    }
    await outbox.save(progress.telling)
  }
  return progress
}

async function tellNew(
  start: Progress,
  ports: TellPorts,
  { events }: TellInput,
): Promise<Progress> {
  const { outbox, isStopping } = ports
  let progress = start
  let failures = 0
  let passed: Passed | undefined
  for await (const place of readNotices(outbox, start.telling.through, events)) {
    if (failures >= MOST_FAILURES || isStopping()) return progress
    if (place.notice === undefined) {
      passed = { first: passed?.first ?? place, last: place, rows: (passed?.rows ?? 0) + 1 }
      continue
    }
    const next = await tellNext(progress, place.notice, ports)
    // Where it may not wait, nothing passes it.
    if (next.telling === progress.telling) return next
    if (next.told === progress.told) failures++
    progress = next
    passed = undefined
  }
  await notePassed(progress.telling, passed, ports)
  return progress
}

async function tellNext(progress: Progress, notice: Notice, ports: TellPorts): Promise<Progress> {
  const { outbox, now } = ports
  const { telling } = progress
  const matter = toMatter(notice)
  const result = await tellIfNotable(progress, notice, ports)
  if (result.outcome === 'told') {
    const next = count({ ...progress, telling: succeed(telling, matter.seq) })
    await outbox.save(next.telling)
    return next
  }
  const setback = putOff(telling, matter, now())
  if (setback === undefined) {
    return blame(progress, matter, result.why, { telling, lost: undefined })
  }
  await outbox.save(setback.telling)
  return blame(progress, matter, result.why, setback)
}

/**
 * The first notice of a run waits for a note that goes well, of what is known already: on a full disk, where
 * nobody could note that it was told, each run would tell it once more.
 */
async function tellIfNotable(
  { telling, told, untold }: Progress,
  notice: Notice,
  { outbox, tell }: TellPorts,
): Promise<Told> {
  if (told === 0 && untold.length === 0) await outbox.save(telling)
  return await tell(notice)
}

/**
 * Not at every login, which would cost each one more write; and not never, since old rows are pruned,
 * and would be missed then.
 */
async function notePassed(
  telling: Telling,
  passed: Passed | undefined,
  { outbox, now }: TellPorts,
): Promise<void> {
  if (passed === undefined) return
  const { first, last, rows } = passed
  const isOld = first.at !== undefined && now() - first.at > DAY_SECONDS
  if (isOld || rows >= PASSED_OVER) await outbox.save(passOver(telling, last.seq))
}

function damagedNote(): AppError {
  return new AppError('ERR_STORE_CORRUPT', 'the note of what was told in the database is damaged', {
    hint: 'begin anew with what comes: otpgate notify --from-now; what was: otpgate audit',
  })
}
