import type { UnixSeconds } from '../base/time.ts'
import type { NotifyEvent } from '../domain/notify-event.ts'
import { nextRetryAt, waitingOf } from '../domain/telling.ts'
import type { Outbox } from './ports.ts'
import { readNotices } from './read-notices.ts'

/** What the admin's command has not been told. */
export interface Backlog {
  readonly events: number
  /** What it did not take so far: since when, and when that is tried again. */
  readonly failing: { readonly since: UnixSeconds; readonly retryAt: UnixSeconds } | undefined
  /** Rows that were given up, ever. */
  readonly givenUp: number
}

/** `undefined`: nothing was ever told; 'damaged': nobody knows how much was. Throws ERR_STORE_*. */
export async function countUntold(
  outbox: Outbox,
  events: readonly NotifyEvent[],
): Promise<Backlog | 'damaged' | undefined> {
  const telling = await outbox.read()
  if (telling === undefined || telling === 'damaged') return telling
  const waiting = waitingOf(telling)
  let count = waiting.length
  for await (const { notice } of readNotices(outbox, telling.through, events)) {
    if (notice !== undefined) count++
  }
  const [since] = waiting.map((one) => one.since).toSorted((a, b) => a - b)
  const retryAt = nextRetryAt(telling)
  const failing = since === undefined || retryAt === undefined ? undefined : { since, retryAt }
  return { events: count, failing, givenUp: telling.givenUp }
}
