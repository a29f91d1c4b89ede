import type { RevertReason, SetupJournal } from '../ssh/journal.ts'
import { type Moment, remainingSeconds } from './countdown.ts'

/** Far more than installing takes; somebody who wants a day for the login wants none of it for this. */
const INSTALLING_SECONDS = 300

/** What the watcher goes by at one moment. */
export interface WatchFacts extends Moment {
  readonly isInstallerRunning: boolean
  /** Since the watcher has first seen files being changed, by the clock that nobody can set. */
  readonly installingSeconds: number
  /** Whether somebody has logged in as is demanded. */
  readonly hasProof: boolean
}

/** What is to be done about it. */
export type WatchVerdict =
  | { readonly kind: 'wait' }
  | { readonly kind: 'confirm' }
  | { readonly kind: 'revert'; readonly because: RevertReason; readonly endInstaller?: true }
  /** Somebody has seen to it. */
  | { readonly kind: 'end' }

/** Whether a set-up stays, goes back, or still has time. */
export function decideWatch(journal: SetupJournal | undefined, facts: WatchFacts): WatchVerdict {
  switch (journal?.phase) {
    case 'installing':
      return decideInstalling(journal, facts)
    case 'awaiting-proof':
      return decideAwaiting(journal, facts)
    case 'reverting':
      return { kind: 'revert', because: journal.because ?? 'interrupted' }
    case 'confirmed':
    case 'reverted':
    case undefined:
      return { kind: 'end' }
  }
}

/** An installer that was stopped in the middle (Ctrl-Z) has minutes, and no more than a login has. */
function decideInstalling(
  { installer, timeoutSeconds }: SetupJournal,
  { bootId, isInstallerRunning, installingSeconds }: WatchFacts,
): WatchVerdict {
  const isAtWork = installer.bootId === bootId && isInstallerRunning
  if (!isAtWork) return { kind: 'revert', because: 'interrupted' }
  if (installingSeconds < Math.min(timeoutSeconds, INSTALLING_SECONDS)) return { kind: 'wait' }
  return { kind: 'revert', because: 'interrupted', endInstaller: true }
}

/** A login that came in time, and was seen too late, is a proof all the same. */
function decideAwaiting(
  { deadline, timeoutSeconds }: SetupJournal,
  facts: WatchFacts,
): WatchVerdict {
  if (facts.hasProof) return { kind: 'confirm' }
  const isOver = deadline === undefined || remainingSeconds(deadline, timeoutSeconds, facts) <= 0
  return isOver ? { kind: 'revert', because: 'no-proof' } : { kind: 'wait' }
}
