import type { UnixSeconds } from '../base/time.ts'
import { BUDGETS } from '../domain/account.ts'
import type { AuditAction, AuditEvent } from '../domain/audit-event.ts'
import type { Change } from '../domain/change.ts'
import type { AccountName } from '../domain/name.ts'
import { FRESH_THROTTLE } from '../domain/throttle.ts'
import type { Store } from './ports.ts'

export interface AdminPorts {
  readonly store: Store
}

/** An admin's act on one account. */
export interface AdminInput {
  readonly name: AccountName
  /** Who does it, for the record. */
  readonly actor: string
  readonly reason: string | undefined
}

/** The record of an admin's act. */
export function adminEvent(
  { actor, reason }: Pick<AdminInput, 'actor' | 'reason'>,
  action: AuditAction,
  at: UnixSeconds,
  device?: string,
): Change {
  const event: AuditEvent = {
    at,
    actor,
    action,
    outcome: 'done',
    ...(reason === undefined ? {} : { reason }),
    ...(device === undefined ? {} : { device }),
  }
  return { kind: 'append-audit', event }
}

/** Forgets all failures, and with them every wait and lock. */
export function freshThrottles(): readonly Change[] {
  return BUDGETS.map((budget) => ({ kind: 'set-throttle', budget, throttle: FRESH_THROTTLE }))
}
