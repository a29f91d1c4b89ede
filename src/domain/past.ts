import type { Budget } from './account.ts'
import type { SourceKey } from './known-source.ts'
import type { Override } from './override.ts'
import type { ThrottleState } from './throttle.ts'

/**
 * What a database that is about to be replaced says of what happened since: as far as it can be read, and
 * by ids, so that a row counts whichever database it stands in. What is not in it is not known.
 */
export interface Past {
  readonly accounts: ReadonlyMap<string, PastAccount>
  /** The newest accepted step or counter of a device, by its id; -1: none yet. */
  readonly marks: ReadonlyMap<string, number>
  /** How many uses a one-time code has left, by its id. */
  readonly usesLeft: ReadonlyMap<string, number>
  /** What stands in it and cannot be read, in words. */
  readonly unread: readonly string[]
}

/** One person, as far as the rows can be read. */
export interface PastAccount {
  /** `undefined`: nobody can tell. */
  readonly override: { readonly is: Override | undefined } | undefined
  /** Of the budgets that can be read. */
  readonly throttle: Readonly<Partial<Record<Budget, ThrottleState>>>
  readonly devices: readonly PastDevice[]
  /** `undefined`: nobody can tell. */
  readonly sources: readonly SourceKey[] | undefined
}

export interface PastDevice {
  readonly id: string
  readonly label: string
}

/** Of a database that is not there, or of no use. */
export const NOTHING_PAST: Past = {
  accounts: new Map(),
  marks: new Map(),
  usesLeft: new Map(),
  unread: [],
}
