import type { UnixSeconds } from '../base/time.ts'
import type { Budget } from './account.ts'
import type { Answered, AttemptId } from './attempt.ts'
import type { AuditEvent } from './audit-event.ts'
import type { Device } from './device.ts'
import type { KnownSource, SourceKey } from './known-source.ts'
import type { Uid } from './name.ts'
import type { OneTimeCode, OneTimeCodeKind } from './one-time-code.ts'
import type { Override } from './override.ts'
import type { ThrottleState } from './throttle.ts'
import type { ConnectionHash, Ticket } from './ticket.ts'

/** All that can happen to one account; what another database would have to write. */
export type Change =
  | { readonly kind: 'create-account'; readonly uid: Uid; readonly at: UnixSeconds }
  /** All that is stored about the person, but the audit. */
  | { readonly kind: 'remove-account' }
  /** What is sealed is sealed for the old uid: secrets go with it, or are sealed again. */
  | { readonly kind: 'set-uid'; readonly uid: Uid }
  | { readonly kind: 'set-override'; readonly override: Override | undefined }
  | { readonly kind: 'set-throttle'; readonly budget: Budget; readonly throttle: ThrottleState }
  /** Only forward: the newest login there was, whatever clocks did. */
  | { readonly kind: 'record-login'; readonly at: UnixSeconds }
  /** The account is enrolled from the first device on that counts, confirmed or not. */
  | { readonly kind: 'add-device'; readonly device: Device }
  /** Likewise. */
  | { readonly kind: 'confirm-device'; readonly deviceId: string; readonly at: UnixSeconds }
  /** Exactly one row, and only forward: the store refuses a step that is not newer than the mark. */
  | {
      readonly kind: 'accept-step'
      readonly deviceId: string
      readonly step: number
      readonly at: UnixSeconds
    }
  | { readonly kind: 'set-drift'; readonly deviceId: string; readonly driftSeconds: number }
  /** The mark goes where an admin has found it, back as well: after a clock or counter was wrong. */
  | { readonly kind: 'move-mark'; readonly deviceId: string; readonly step: number }
  | { readonly kind: 'rename-device'; readonly deviceId: string; readonly label: string }
  | {
      readonly kind: 'reseal-device'
      readonly deviceId: string
      readonly sealedSecret: Buffer
      readonly keyId: string
    }
  | { readonly kind: 'remove-device'; readonly deviceId: string }
  | { readonly kind: 'add-one-time-code'; readonly code: OneTimeCode }
  /** Exactly one row, and only while `isSpendable`. */
  | { readonly kind: 'consume-one-time-code'; readonly codeId: string; readonly at: UnixSeconds }
  | { readonly kind: 'remove-one-time-code'; readonly codeId: string }
  | { readonly kind: 'remove-one-time-codes'; readonly of: OneTimeCodeKind }
  /** In the place of what was known of the same source; only the newest KNOWN_SOURCES stay. */
  | { readonly kind: 'put-source'; readonly source: KnownSource }
  /** Exactly one row. */
  | { readonly kind: 'remove-source'; readonly source: SourceKey }
  | { readonly kind: 'remove-sources' }
  /** From no source a login is remembered any more; that it is known stays. */
  | { readonly kind: 'unremember-sources' }
  | { readonly kind: 'put-ticket'; readonly ticket: Ticket; readonly at: UnixSeconds }
  /** Exactly one row. */
  | { readonly kind: 'consume-ticket'; readonly connection: ConnectionHash }
  | KeepAnswer
  | KeepCharge
  | { readonly kind: 'append-audit'; readonly event: AuditEvent }
  /**
   * A denial that cost nothing: the first one appends a row, equal ones (same account and reason)
   * within COUNTED_DENIAL_SECONDS are only counted, and the next row says how many there were.
   */
  | { readonly kind: 'count-denial'; readonly event: AuditEvent & { readonly reason: string } }

/**
 * The yes that an attempt gets, until nobody can ask again; in the place of its charge. An attempt has one:
 * the store refuses a second.
 */
export interface KeepAnswer {
  readonly kind: 'keep-answer'
  readonly attempt: AttemptId
  readonly answer: Answered
  readonly at: UnixSeconds
  readonly expiresAt: UnixSeconds
}

/** That an attempt has been charged; the store adds the last audit row of the transaction. */
export interface KeepCharge {
  readonly kind: 'keep-charge'
  readonly attempt: AttemptId
  /** Also when it was charged. */
  readonly at: UnixSeconds
  readonly expiresAt: UnixSeconds
}

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
