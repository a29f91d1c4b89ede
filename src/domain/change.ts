import type { UnixSeconds } from '../base/time.ts'
import type { Budget, Override } from './account.ts'
import type { AuditEvent } from './audit-event.ts'
import type { Device } from './device.ts'
import type { Uid } from './name.ts'
import type { OneTimeCode, OneTimeCodeKind } from './one-time-code.ts'
import type { ThrottleState } from './throttle.ts'
import type { ConnectionHash, Ticket } from './ticket.ts'

/** All that can happen to one account; what another database would have to write. */
export type Change =
  | { readonly kind: 'create-account'; readonly uid: Uid; readonly at: UnixSeconds }
  /** Only for an account whose secrets are gone: they are sealed for the old uid. */
  | { readonly kind: 'set-uid'; readonly uid: Uid }
  | { readonly kind: 'set-override'; readonly override: Override | undefined }
  | { readonly kind: 'set-throttle'; readonly budget: Budget; readonly throttle: ThrottleState }
  | { readonly kind: 'record-login'; readonly at: UnixSeconds }
  | { readonly kind: 'add-device'; readonly device: Device }
  | { readonly kind: 'confirm-device'; readonly deviceId: string; readonly at: UnixSeconds }
  /** Exactly one row, and only forward: the store refuses a step that is not newer than the mark. */
  | {
      readonly kind: 'accept-step'
      readonly deviceId: string
      readonly step: number
      readonly at: UnixSeconds
    }
  | { readonly kind: 'remove-device'; readonly deviceId: string }
  | { readonly kind: 'add-one-time-code'; readonly code: OneTimeCode }
  /** Exactly one row, and only while it has uses left and has not expired. */
  | { readonly kind: 'consume-one-time-code'; readonly codeId: string; readonly at: UnixSeconds }
  | { readonly kind: 'remove-one-time-codes'; readonly of: OneTimeCodeKind }
  | { readonly kind: 'put-ticket'; readonly ticket: Ticket; readonly at: UnixSeconds }
  /** Exactly one row. */
  | { readonly kind: 'consume-ticket'; readonly connection: ConnectionHash }
  | { readonly kind: 'append-audit'; readonly event: AuditEvent }
  /**
   * A denial that cost nothing: the first one appends a row, equal ones (same account and reason)
   * within COUNTED_DENIAL_SECONDS are only counted, and the next row says how many there were.
   */
  | { readonly kind: 'count-denial'; readonly event: AuditEvent & { readonly reason: string } }

/** What a step wants saved, all of it or nothing, and what it answers. */
export interface Outcome<T> {
  readonly changes: readonly Change[]
  readonly result: T
}

/** Where an event of the transaction stands in the audit chain. */
export interface AuditStamp {
  readonly seq: number
  /** 64 lower-case hex digits. */
  readonly hash: string
}

/** The answer of a step whose changes are on disk. `audit`: its last row, where it wrote one. */
export interface Committed<T> {
  readonly result: T
  readonly audit: AuditStamp | undefined
}
