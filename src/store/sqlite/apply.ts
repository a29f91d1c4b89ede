import type Database from 'better-sqlite3'
import { assertNever } from '../../base/assert.ts'
import { AppError } from '../../base/errors.ts'
import type { AuditStamp, Change } from '../../domain/change.ts'
import { type Device, isUsable } from '../../domain/device.ts'
import type { AccountName } from '../../domain/name.ts'
import type { Tables } from './tables.ts'

/**
 * Saves one change; the stamp of the audit row, where it wrote one. `audit`: the last row that the
 * transaction wrote before. Only within a transaction.
 */
export function applyChange(
  tables: Tables,
  name: AccountName,
  change: Change,
  audit: AuditStamp | undefined,
): AuditStamp | undefined {
  switch (change.kind) {
    case 'append-audit':
      return tables.audit.append(name, change.event)
    case 'count-denial':
      return tables.audit.countDenial(name, change.event)
    case 'keep-charge':
      tables.attempt.addCharge(name, change, audit?.seq)
      return undefined
    default:
      changeRows(tables, name, change)
      return undefined
  }
}

type RowChange = Exclude<Change, { kind: 'append-audit' | 'count-denial' | 'keep-charge' }>

/** Changes that may meet any number of rows. */
function changeRows(tables: Tables, name: AccountName, change: RowChange): void {
  switch (change.kind) {
    case 'put-ticket':
      tables.ticket.put(name, change.ticket, change.at)
      return
    case 'remove-one-time-codes':
      tables.oneTimeCode.removeAll(name, change.of)
      return
    case 'put-source':
      tables.knownSource.put(name, change.source)
      return
    case 'remove-sources':
      tables.knownSource.removeAll(name)
      return
    case 'unremember-sources':
      tables.knownSource.unremember(name)
      return
    default:
      expectOneRow(change, changeOneRow(tables, name, change))
  }
}

type OneRowChange = Exclude<
  RowChange,
  {
    kind:
      | 'put-ticket'
      | 'remove-one-time-codes'
      | 'put-source'
      | 'remove-sources'
      | 'unremember-sources'
  }
>

function changeOneRow(tables: Tables, name: AccountName, change: OneRowChange): Database.RunResult {
  const { account, oneTimeCode, knownSource, ticket, attempt } = tables
  switch (change.kind) {
    case 'create-account':
      return account.create(name, change.uid, change.at)
    case 'remove-account':
      // A ticket may stand without an account: one left behind would still let a login of hers in.
      ticket.removeAll(name)
      attempt.removeAll(name)
      return account.remove(name)
    case 'set-uid':
      return account.setUid(name, change.uid)
    case 'set-override':
      return account.setOverride(name, change.override)
    case 'set-throttle':
      return account.setThrottle(name, change.budget, change.throttle)
    case 'record-login':
      return account.recordLogin(name, change.at)
    case 'add-one-time-code':
      return oneTimeCode.add(name, change.code)
    case 'consume-one-time-code':
      return oneTimeCode.consume(name, change.codeId, change.at)
    case 'remove-one-time-code':
      return oneTimeCode.remove(name, change.codeId)
    case 'remove-source':
      return knownSource.remove(name, change.source)
    case 'consume-ticket':
      return ticket.consume(name, change.connection)
    case 'keep-answer':
      return attempt.addAnswer(name, change)
    default:
      return changeDevice(tables, name, change)
  }
}

type DeviceChange = Extract<OneRowChange, { deviceId: string } | { device: Device }>

function changeDevice(tables: Tables, name: AccountName, change: DeviceChange): Database.RunResult {
  const { account, device } = tables
  switch (change.kind) {
    case 'add-device':
      tables.assertSameKey()
      if (isUsable(change.device))
        account.recordEnrollment(name, change.device.confirmedAt ?? change.device.createdAt)
      return device.add(name, change.device)
    case 'confirm-device':
      account.recordEnrollment(name, change.at)
      return device.confirm(name, change.deviceId, change.at)
    case 'accept-step':
      return device.acceptStep(name, change.deviceId, change.step, change.at)
    case 'set-drift':
      return device.setDrift(name, change.deviceId, change.driftSeconds)
    case 'move-mark':
      return device.moveMark(name, change.deviceId, change.step)
    case 'rename-device':
      return device.rename(name, change.deviceId, change.label)
    case 'reseal-device':
      tables.assertSameKey()
      return device.reseal(name, change.deviceId, change.sealedSecret, change.keyId)
    case 'remove-device':
      return device.remove(name, change.deviceId)
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
