import type { NotifyEvent } from '../domain/notify-event.ts'
import type { Failing } from '../domain/telling.ts'
import type { Outbox } from './ports.ts'
import { readNotices } from './read-notices.ts'

/** What the admin's command has not been told. */
export interface Backlog {
  readonly events: number
  /** What holds them up, where anything does. */
  readonly failing: Failing | undefined
  /** Rows that were given up, ever. */
  readonly givenUp: number
}

/** `undefined`: nothing was ever told. Throws ERR_STORE_*. */
export async function countUntold(
  outbox: Outbox,
  events: readonly NotifyEvent[],
): Promise<Backlog | undefined> {
  const telling = await outbox.read()
  if (telling === undefined) return undefined
  let count = 0
  for await (const { notice } of readNotices(outbox, telling.through, events)) {
    if (notice !== undefined) count++
  }
  return { events: count, failing: telling.failing, givenUp: telling.givenUp }
}
