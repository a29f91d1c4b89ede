import { formatTime, type UnixSeconds } from '../base/time.ts'
import { formatFirstFactor } from './first-factor.ts'
import type { LoginFacts } from './login.ts'

/** Public: added to, never renamed. A row with any other was not written by this program. */
export const AUDIT_ACTIONS = [
  'login',
  'enroll',
  'confirm',
  'show-secret',
  'reset',
  'unlock',
  'recovery-new',
  'invite',
  'waive',
  'waive-clear',
  'suspend',
  'resume',
  'remove',
  'rebind',
  'bypass',
  'bypass-revoke',
  'source-revoke',
  'device-add',
  'device-rename',
  'device-remove',
  'device-resync',
  'audit-prune',
  'restore',
  'key-rotate',
  'key-export',
  'key-import',
] as const
export type AuditAction = (typeof AUDIT_ACTIONS)[number]

/** Public likewise. */
export const AUDIT_OUTCOMES = ['accepted', 'excused', 'denied', 'unfinished', 'done'] as const
export type AuditOutcome = (typeof AUDIT_OUTCOMES)[number]

/** One line of the audit log, before it has its place in the chain. */
export interface AuditEvent {
  readonly at: UnixSeconds
  /** Who did it: the admin, or `pam` for a login. */
  readonly actor: string
  readonly action: AuditAction
  readonly outcome: AuditOutcome
  readonly service?: string
  readonly address?: string
  readonly method?: string
  readonly rule?: string
  readonly device?: string
  readonly firstFactor?: string
  readonly reason?: string
  /** `seq` of the row this one finishes: a recovery code takes two. */
  readonly completes?: number
}

/** A row as stored. `count`: how many equal events it stands for. Hashes are 64 hex digits. */
export interface AuditRow extends AuditEvent {
  readonly seq: number
  readonly account: string
  readonly count: number
  readonly previousHash: string
  readonly hash: string
}

/** Equal denials that were not charged share a row for this long, so that a flood cannot fill the disk. */
export const COUNTED_DENIAL_SECONDS = 3600

/** The event of a login, with all that is known of where it came from. */
export function loginEvent(
  facts: Pick<LoginFacts, 'service' | 'address' | 'firstFactor'>,
  at: UnixSeconds,
  rest: Pick<AuditEvent, 'outcome' | 'method' | 'rule' | 'device' | 'reason' | 'completes'>,
): AuditEvent {
  const { service, address, firstFactor } = facts
  return {
    at,
    actor: 'pam',
    action: 'login',
    service,
    ...(address === undefined ? {} : { address }),
    ...(firstFactor === undefined ? {} : { firstFactor: formatFirstFactor(firstFactor) }),
    ...rest,
  }
}

/** The event of taking rows off the front of the log, all from before a time; nobody's account. */
export function pruneEvent(
  { first, last, before }: Readonly<{ first: number; last: number; before: UnixSeconds }>,
  { actor, reason }: Readonly<{ actor: string; reason: string | undefined }>,
  at: UnixSeconds,
): AuditEvent {
  const rows = `rows ${first} to ${last}, from before ${formatTime(before)}`
  const why = reason === undefined ? rows : `${rows}: ${reason}`
  return { at, actor, action: 'audit-prune', outcome: 'done', reason: why }
}

/**
 * The bytes that the chain's hash covers: a JSON array in fixed order, so that no two rows read
 * alike. Fields are only ever added at its end, and then only where they are present.
 */
export function canonicalAuditRow(row: Omit<AuditRow, 'hash'>): Buffer {
  const fields = [
    row.previousHash,
    row.seq,
    row.at,
    row.actor,
    row.action,
    row.account,
    row.service ?? null,
    row.address ?? null,
    row.method ?? null,
    row.rule ?? null,
    row.device ?? null,
    row.firstFactor ?? null,
    row.outcome,
    row.reason ?? null,
    row.completes ?? null,
    row.count,
  ]
  return Buffer.from(JSON.stringify(fields))
}
