import { AUDIT_ACTIONS, AUDIT_OUTCOMES, type AuditRow } from '../../domain/audit-event.ts'
import * as row from './row.ts'

/** One row of the `audit` table. Throws ERR_STORE_CORRUPT for a value that was never written. */
export function toAuditRow(found: row.Row): AuditRow {
  const optional = <K extends string>(key: K, column: string): Partial<Record<K, string>> => {
    const value = row.readOptionalText(found, column)
    return value === undefined ? {} : ({ [key]: value } as Record<K, string>)
  }
  const completes = row.readOptionalInteger(found, 'completes')
  return {
    seq: row.readInteger(found, 'seq'),
    at: row.readTime(found, 'at'),
    actor: row.readText(found, 'actor'),
    action: row.readOneOf(found, 'action', AUDIT_ACTIONS),
    account: row.readText(found, 'account'),
    ...optional('service', 'service'),
    ...optional('address', 'address'),
    ...optional('method', 'method'),
    ...optional('rule', 'rule'),
    ...optional('device', 'device'),
    ...optional('firstFactor', 'first_factor'),
    outcome: row.readOneOf(found, 'outcome', AUDIT_OUTCOMES),
    ...optional('reason', 'reason'),
    ...(completes === undefined ? {} : { completes }),
    count: row.readInteger(found, 'count'),
    previousHash: row.readText(found, 'previous_hash'),
    hash: row.readText(found, 'hash'),
  }
}
