import { isSameProcess, type ProcessMark } from '../../host/process-mark.ts'
import type { WatchPorts } from './watch-ports.ts'

/** For what is left of a step, once nobody waits for a login any more. */
const HOLDER_SECONDS = 10

type HolderPorts = Pick<WatchPorts, 'findHolder' | 'endProcess' | 'moment'>

/**
 * Whether somebody else is at work, for whom something failed that was to be done: who is so for long
 * was stopped in the middle (Ctrl-Z), and is ended. What is left of it can be gone on with.
 */
export function createStuckEnder({ findHolder, endProcess, moment }: HolderPorts): () => boolean {
  let seen: { readonly holder: ProcessMark; readonly since: number } | undefined
  return () => {
    const holder = findHolder()
    if (holder === undefined) return false
    const { bootSeconds } = moment()
    if (seen === undefined || !isSameProcess(holder, seen.holder)) {
      seen = { holder, since: bootSeconds }
    }
    if (bootSeconds - seen.since >= HOLDER_SECONDS) endProcess(holder)
    return true
  }
}
