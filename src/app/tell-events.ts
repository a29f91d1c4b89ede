import { DAY_SECONDS, type UnixSeconds } from '../base/time.ts'
import type { Notice, NotifyEvent } from '../domain/notify-event.ts'
import { fail, isDue, succeed, type Telling } from '../domain/telling.ts'
import type { Now, Outbox } from './ports.ts'
import { type Place, readNotices } from './read-notices.ts'

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
  /** When there is something to try again; `undefined`: nothing waits. */
  readonly retryAt: UnixSeconds | undefined
}

/** Rows that nobody wants to hear of, since the last one that was told. */
interface Passed {
  readonly first: Place
  readonly last: Place
  readonly rows: number
}

/** So many rows that nobody wants to hear of are passed over before that is worth a write. */
const PASSED_OVER = 100

/**
 * Tells what stands in the log behind the last row told, in its order. The row is done with when the
 * command has taken it, and that is saved: killed in between, it is told again. Where nothing was ever
 * told, what stands there by now is not told either. Throws ERR_STORE_*.
 */
export async function tellEvents(ports: TellPorts, input: TellInput): Promise<TellingRun> {
  const telling = await ports.outbox.read()
  if (telling !== undefined) return tellFrom(telling, ports, input)
  await beginFromNow(ports.outbox)
  return { told: 0, untold: [], retryAt: undefined }
}

/** Nothing of what stands in the log by now will be told; returns the last row of it. */
export async function beginFromNow(outbox: Outbox): Promise<number> {
  const through = await outbox.findLastSeq()
  await outbox.save({ through, givenUp: 0 })
  return through
}

async function tellFrom(
  start: Telling,
  ports: TellPorts,
  { events, isUrgent }: TellInput,
): Promise<TellingRun> {
  const { outbox, now, isStopping } = ports
  let telling = start
  let told = 0
  const untold: Untold[] = []
  let passed: Passed | undefined
  for await (const place of readNotices(outbox, start.through, events)) {
    if (isStopping()) return { told, untold, retryAt: undefined }
    if (place.notice === undefined) {
      passed = { first: passed?.first ?? place, last: place, rows: (passed?.rows ?? 0) + 1 }
      continue
    }
    if (!isUrgent && !isDue(telling, place.seq, now())) break
    const next = await tellOne(telling, place.seq, place.notice, ports)
    telling = next.telling
    passed = undefined
    if (next.untold === undefined) told++
    else untold.push(next.untold)
    if (telling.failing !== undefined) break
  }
  if (telling.failing === undefined) await passOver(telling, passed, ports)
  return { told, untold, retryAt: telling.failing?.retryAt }
}

async function tellOne(
  before: Telling,
  seq: number,
  notice: Notice,
  { outbox, tell, now }: TellPorts,
): Promise<{ readonly telling: Telling; readonly untold?: Untold }> {
  const result = await tell(notice)
  const telling = result.outcome === 'told' ? succeed(before, seq) : fail(before, seq, now())
  await outbox.save(telling)
  if (result.outcome === 'told') return { telling }
  return { telling, untold: { seq, why: result.why, retryAt: telling.failing?.retryAt } }
}

/**
 * Not at every login, which would cost each one more write; and not never, since old rows are pruned,
 * and would be missed then.
 */
async function passOver(
  telling: Telling,
  passed: Passed | undefined,
  { outbox, now }: TellPorts,
): Promise<void> {
  if (passed === undefined) return
  const { first, last, rows } = passed
  const isOld = first.at !== undefined && now() - first.at > DAY_SECONDS
  if (isOld || rows >= PASSED_OVER) await outbox.save(succeed(telling, last.seq))
}
