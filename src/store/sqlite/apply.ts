import type Database from 'better-sqlite3'
import { assertNever } from '../../base/assert.ts'
import { AppError } from '../../base/errors.ts'
import type { AuditStamp, Change } from '../../domain/change.ts'
import type { AccountName } from '../../domain/name.ts'
import type { Tables } from './tables.ts'

/** Saves one change; the stamp of the audit row, where it wrote one. Only within a transaction. */
export function applyChange(
  tables: Tables,
  name: AccountName,
  change: Change,
): AuditStamp | undefined {
  switch (change.kind) {
    case 'append-audit':
      return tables.audit.append(name, change.event)
    case 'count-denial':
      return tables.audit.countDenial(name, change.event)
    case 'put-ticket':
      tables.ticket.put(name, change.ticket, change.at)
      return undefined
    case 'remove-one-time-codes':
      tables.oneTimeCode.removeAll(name, change.of)
      return undefined
    default:
      expectOneRow(change, changeOneRow(tables, name, change))
      return undefined
  }
}

type OneRowChange = Exclude<
  Change,
  { kind: 'append-audit' | 'count-denial' | 'put-ticket' | 'remove-one-time-codes' }
>

function changeOneRow(tables: Tables, name: AccountName, change: OneRowChange): Database.RunResult {
  const { account, device, oneTimeCode, ticket } = tables
  switch (change.kind) {
    case 'create-account':
      return account.create(name, change.uid, change.at)
    case 'set-uid':
      return account.setUid(name, change.uid)
    case 'set-override':
      return account.setOverride(name, change.override)
    case 'set-throttle':
      return account.setThrottle(name, change.budget, change.throttle)
    case 'record-login':
      return account.recordLogin(name, change.at)
    case 'add-device':
      return device.add(name, change.device)
    case 'confirm-device':
      return device.confirm(name, change.deviceId, change.at)
    case 'accept-step':
      return device.acceptStep(name, change.deviceId, change.step, change.at)
    case 'remove-device':
      return device.remove(name, change.deviceId)
    case 'add-one-time-code':
      return oneTimeCode.add(name, change.code)
    case 'consume-one-time-code':
      return oneTimeCode.consume(name, change.codeId, change.at)
    case 'consume-ticket':
      return ticket.consume(name, change.connection)
    default:
      return assertNever(change)
  }
}

/**
 * A change of one row that met none, or several, was decided on a state that is not there: the whole
 * transaction is given up. This is the last line against a code that is used twice.
 */
function expectOneRow(change: OneRowChange, result: Database.RunResult): void {
  if (result.changes === 1) return
  throw new AppError('ERR_STORE_FAILED', `${change.kind} changed ${result.changes} rows, not one`)
}
